// Calculators: the laws come from a file of their own; this reads the fields, computes, and keeps the state in the address.
(() => {
  const PREFIXES = ["", "k", "M", "G", "T", "P", "E"];
  const SMALL = ["", "m", "µ", "n", "p"];

  // Three significant digits; a prefix where the unit takes one.
  const formatted = (value, { unit, one, factor, prefixed }) => {
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
    return `${rounded.toLocaleString("en", { maximumFractionDigits: 10, useGrouping: size >= 1e4 }).replaceAll(",", " ")} ${prefix}${rounded === 1 ? one ?? unit : unit}`.trim();
  };

  const compute = (steps, given) => {
    const values = { ...given };
    for (const [id, law, symbols] of steps) values[id] = law(Object.fromEntries(Object.entries(symbols).map(([symbol, of]) => [symbol, values[of] ?? Number(of)])));
    return values;
  };

  // The curve, as stackdoc/stack/calculators/curve.py draws it.
  const STEPS = 48, LEFT = 13, RIGHT = 98, TOP = 4, BOTTOM = 86;
  const powerText = (power) => Math.abs(power) > 4 ? `1e${power}` : String(Number((10 ** power).toPrecision(6)));
  const drawn = (line, points) => {
    if (!line.length) return "";
    const ys = [...line.map(([, y]) => y), ...points.flatMap(([, , low, high]) => [low, high])];
    const low = Math.floor(Math.log10(Math.min(...ys))), high = Math.max(Math.ceil(Math.log10(Math.max(...ys))), low + 1);
    const axis = (from, to, start, end) => {
      const at = (value) => (start + (end - start) * (Math.log10(value) - from) / (to - from)).toFixed(2);
      return { at, ticks: Array.from({ length: Math.max(0, Math.floor(to + 1e-9) - Math.ceil(from - 1e-9) + 1) }, (_, step) => Math.ceil(from - 1e-9) + step) };
    };
    const across = axis(Math.log10(line[0][0]), Math.log10(line.at(-1)[0]), LEFT, RIGHT), up = axis(low, high, BOTTOM, TOP);
    const grid = [...across.ticks.map((tick) => `M${across.at(10 ** tick)} ${TOP}V${BOTTOM}`), ...up.ticks.map((tick) => `M${LEFT} ${up.at(10 ** tick)}H${RIGHT}`)];
    const text = (tick, x, y, rest) => `<text x="${x}%" y="${y}%" ${rest}>${powerText(tick)}</text>`;
    return `<svg viewBox="0 0 100 100" preserveAspectRatio="none" width="100%" height="100%"><path class="sd-calculator__grid" d="${grid.join("")}"></path>`
      + `<path class="sd-calculator__line" d="M${line.map(([x, y]) => `${across.at(x)} ${up.at(y)}`).join(" ")}"></path></svg>`
      + across.ticks.map((tick) => text(tick, across.at(10 ** tick), BOTTOM + 9, 'text-anchor="middle"')).join("")
      + up.ticks.map((tick) => text(tick, LEFT - 1, up.at(10 ** tick), 'dy="0.3em" text-anchor="end"')).join("")
      + points.map(([x, y, least, most]) => `<line x1="${across.at(x)}%" x2="${across.at(x)}%" y1="${up.at(least)}%" y2="${up.at(most)}%"></line><circle cx="${across.at(x)}%" cy="${up.at(y)}%" r="4"></circle>`).join("");
  };
  const share = (ratio) => `${Number((100 * ratio).toPrecision(2))}\u00a0%`; // as stackdoc/stack/calculators/presets.py

  for (const form of document.querySelectorAll("form.sd-calculator")) {
    const steps = (self.sdCalculators ?? {})[form.dataset.calculator];
    if (!steps) continue;
    const fields = [...form.querySelectorAll("input")], presets = [...form.querySelectorAll("select")];
    const curve = form.querySelector(".sd-calculator__plot"), near = form.querySelector(".sd-calculator__nearest");
    const machines = [...form.querySelectorAll("option[data-machine]")].map((option) => [option, JSON.parse(option.value)]);
    const number = (field) => Number(field.value.trim().replace(",", ".")), named = (name) => form.elements.namedItem(name);
    const problem = form.querySelector(".sd-calculator__problem"), start = Object.fromEntries(fields.map((field) => [field.name, field.value]));
    const own = `#${form.id}`;

    const read = () => {
      const values = {}, problems = [];
      for (const field of fields) {
        const value = number(field), { least, most, unit, factor } = field.dataset;
        const name = field.closest("label").firstChild.textContent;
        const valid = field.value.trim() !== "" && value >= Number(least) && value <= Number(most);
        if (field.value.trim() === "" || Number.isNaN(value)) problems.push(`${name}: “${field.value}” is not a number.`);
        else if (!valid) problems.push(`${name}: ${field.value} is impossible or too far from anything known; write ${least} to ${most} ${unit}.`.replace(" .", "."));
        field.setAttribute("aria-invalid", String(!valid));
        values[field.name] = value * Number(factor);
      }
      return [values, problems];
    };

    const plot = (values) => {
      const [x, y, least, most] = JSON.parse(curve.dataset.curve), factor = Number(named(x).dataset.factor);
      const line = Array.from({ length: STEPS + 1 }, (_, step) => least * (most / least) ** (step / STEPS))
        .map((at) => [at, compute(steps, { ...values, [x]: at * factor })[y]]).filter(([, value]) => Number.isFinite(value) && value > 0);
      const same = ([, given]) => Object.entries(given).every(([name, value]) => name === x || Math.abs(number(named(name)) / value - 1) < 1e-4);
      const [label, , points = [], record] = JSON.parse(curve.dataset.points).find(same) ?? [];
      curve.firstElementChild.innerHTML = drawn(line, points);
      const note = curve.querySelector(".sd-calculator__points");
      note.textContent = label ? ` Points: measured on ${label}, with 95 % intervals; ` : "";
      if (label) note.append(Object.assign(document.createElement("a"), { href: record, textContent: "their record" }), ".");
    };
    const compare = () => {
      const away = ([, given]) => Object.entries(given).reduce((sum, [name, value]) => sum + Math.abs(Math.log(value / number(named(name)))), 0);
      const [option, given] = machines.reduce((best, machine) => (away(machine) < away(best) ? machine : best));
      const [link, words] = near.children;
      Object.assign(link, { href: option.dataset.machine, textContent: option.textContent });
      words.textContent = `, with ${Object.entries(given).map(([name, value]) => `${share(value / number(named(name)))} of this ${named(name).dataset.means}`).join(" and ")}.`;
    };

    const show = () => {
      let [values, problems] = read();
      if (!problems.length) {
        values = compute(steps, values);
        const outputs = [...form.querySelectorAll("output:not([name=largest])")];
        if (outputs.some((output) => !output.dataset.otherwise && !Number.isFinite(values[output.name]))) problems.push("These numbers have no result: something is divided by zero.");
      }
      problem.hidden = !problems.length;
      problem.textContent = problems.join(" ");
      for (const output of form.querySelectorAll("output")) {
        output.classList.toggle("sd-calculator__old", problems.length > 0);
        if (problems.length) continue;
        if (output.name === "largest") {
          const words = JSON.parse(output.dataset.words);
          output.value = words[Object.keys(words).reduce((best, id) => (values[id] > values[best] ? id : best))];
        } else if (output.dataset.otherwise && !(Number.isFinite(values[output.name]) && values[output.name] >= 0)) output.value = output.dataset.otherwise;
        else output.value = formatted(values[output.name], output.dataset);
      }
      if (problems.length) return;
      if (curve) plot(values);
      if (near) compare();
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
      if (presets.includes(event.target)) for (const [name, value] of Object.entries(JSON.parse(event.target.value || "{}"))) named(name).value = value;
      else for (const preset of presets) if (event.target.name in JSON.parse(preset.value || "{}")) preset.value = "";
      show();
      remember();
    });
    addEventListener("hashchange", restore);
    restore();
  }
})();
