// Calculators: the laws come from a file of their own; this reads the fields, computes, and keeps the state in the address.
(() => {
  const PREFIXES = ["", "k", "M", "G", "T", "P", "E"];
  const SMALL = ["", "m", "µ", "n", "p"];

  // Three significant digits; a prefix where the unit takes one.
  const formatted = (value, { unit, factor, prefixed }) => {
    let number = value / Number(factor), prefix = "";
    if (prefixed !== undefined && number) {
      const power = Math.floor(Math.log10(Number(Math.abs(number).toPrecision(3))) / 3);
      if (power > 0 && unit !== "s") prefix = PREFIXES[Math.min(power, PREFIXES.length - 1)];
      if (power < 0) prefix = SMALL[Math.min(-power, SMALL.length - 1)];
      number /= 1000 ** (PREFIXES.indexOf(prefix) > 0 ? PREFIXES.indexOf(prefix) : -SMALL.indexOf(prefix));
    }
    const size = Math.abs(number);
    if (size >= 1e7 || (size > 0 && size < 1e-4)) {
      const [digits, power] = number.toExponential(2).split("e");
      return `${digits} × 10^${Number(power)} ${prefix}${unit}`.trim();
    }
    const rounded = Number.isInteger(number) && size < 1e4 ? number : Number(number.toPrecision(3));
    return `${rounded.toLocaleString("en", { maximumFractionDigits: 10, useGrouping: size >= 1e4 }).replaceAll(",", " ")} ${prefix}${unit}`.trim();
  };

  for (const form of document.querySelectorAll("form.sd-calculator")) {
    const steps = (self.sdCalculators ?? {})[form.dataset.calculator];
    if (!steps) continue;
    const fields = [...form.querySelectorAll("input")], preset = form.elements.namedItem("preset");
    const problem = form.querySelector(".sd-calculator__problem"), start = Object.fromEntries(fields.map((field) => [field.name, field.value]));
    const own = `#${form.id}`;

    const read = () => {
      const values = {}, problems = [];
      for (const field of fields) {
        const value = Number(field.value.trim().replace(",", ".")), { least, most, unit, factor } = field.dataset;
        const name = field.closest("label").firstChild.textContent;
        const valid = field.value.trim() !== "" && value >= Number(least) && value <= Number(most);
        if (field.value.trim() === "" || Number.isNaN(value)) problems.push(`${name}: “${field.value}” is not a number.`);
        else if (!valid) problems.push(`${name}: ${field.value} is impossible or too far from anything known; write ${least} to ${most} ${unit}.`.replace(" .", "."));
        field.setAttribute("aria-invalid", String(!valid));
        values[field.name] = value * Number(factor);
      }
      return [values, problems];
    };

    const show = () => {
      const [values, problems] = read();
      if (!problems.length) {
        for (const [id, law, symbols] of steps) values[id] = law(Object.fromEntries(Object.entries(symbols).map(([symbol, of]) => [symbol, values[of] ?? Number(of)])));
        const without = steps.filter(([id]) => !Number.isFinite(values[id]));
        if (without.length) problems.push("These numbers have no result: something is divided by zero.");
      }
      problem.hidden = !problems.length;
      problem.textContent = problems.join(" ");
      for (const output of form.querySelectorAll("output")) {
        output.classList.toggle("sd-calculator__old", problems.length > 0);
        if (problems.length) continue;
        if (output.name === "largest") {
          const words = JSON.parse(output.dataset.words);
          output.value = words[Object.keys(words).reduce((best, id) => (values[id] > values[best] ? id : best))];
        } else output.value = formatted(values[output.name], output.dataset);
      }
    };

    const remember = () => {
      const changed = fields.filter((field) => field.value !== start[field.name]).map((field) => [field.name, field.value.trim()]);
      history.replaceState(history.state, "", changed.length ? `${own}?${new URLSearchParams(changed)}` : own);
    };

    const restore = () => {
      if (!location.hash.startsWith(`${own}?`)) return;
      const given = new URLSearchParams(location.hash.slice(own.length + 1));
      for (const field of fields) if (given.has(field.name)) field.value = given.get(field.name);
      show();
      form.scrollIntoView();
    };

    form.querySelector("fieldset").disabled = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", (event) => {
      if (event.target === preset && preset.value) for (const [name, value] of Object.entries(JSON.parse(preset.value))) form.elements.namedItem(name).value = value;
      else if (preset && event.target !== preset) preset.value = "";
      show();
      remember();
    });
    addEventListener("hashchange", restore);
    restore();
  }
})();
