// Exact values on the marks of figures and what the glossary says of a word, by mouse, touch and keyboard; a button that copies a citation or a script; the machine
// whose figures the page shows; a box that narrows the table of numbers; the way from an id in capitals to its record. Nothing else.
(() => {
  const tip = Object.assign(document.createElement("div"), { className: "sd-tip", hidden: true });
  tip.setAttribute("role", "status");
  document.body.append(tip);
  const show = (mark, text) => {
    const box = mark.getBoundingClientRect();
    tip.textContent = text;
    tip.hidden = false;
    const left = Math.min(scrollX + box.right + 8, scrollX + document.documentElement.clientWidth - tip.offsetWidth - 8);
    Object.assign(tip.style, { left: `${Math.max(8, left)}px`, top: `${scrollY + box.top - tip.offsetHeight - 6}px` });
  };
  const hide = () => { tip.hidden = true; };
  const explain = (event) => {
    const mark = event.target.closest?.(".sd-svg [role=graphics-symbol][aria-label]");
    const term = event.target.closest?.("a.sd-term");
    if (mark) show(mark, [mark.getAttribute("aria-label"), mark.closest("figure")?.dataset.source].filter(Boolean).join("\n"));
    else if (term?.title || term?.dataset.said) {
      term.dataset.said ??= term.title;
      term.removeAttribute("title"); // a tooltip of the browser would stand over ours
      show(term, term.dataset.said);
    } else if (event.type === "pointerover" && document.activeElement?.matches("a.sd-term, .sd-svg [tabindex]")) return;
    else hide();
  };
  for (const name of ["pointerover", "focusin"]) document.addEventListener(name, explain);
  document.addEventListener("focusout", hide);
  addEventListener("keydown", (event) => event.key === "Escape" && hide());
  const near = (selector, prepare, within = document) => { // what is far from the screen costs the opening of the page nothing
    const watch = new IntersectionObserver((seen) => {
      for (const one of seen.filter((entry) => entry.isIntersecting)) {
        watch.unobserve(one.target);
        prepare(one.target);
      }
    }, { rootMargin: "200%" });
    for (const one of within.querySelectorAll(selector)) watch.observe(one);
  };
  const reach = (svg) => {
    for (const mark of svg.querySelectorAll("[role=graphics-symbol][aria-label]")) mark.setAttribute("tabindex", "0");
  };
  near(".sd-svg", reach);
  document.addEventListener("sd-come", (event) => near(".sd-svg", reach, event.target));
  const copy = async (pre, text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    getSelection().selectAllChildren(pre); // without https there is only the old way, which copies what is selected
    return document.execCommand("copy");
  };
  const offer = (pre, label) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "sd-copy", textContent: label });
    button.addEventListener("click", async () => {
      await copy(pre, pre.textContent);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = label; }, 2000);
    });
    pre.before(button);
  };
  near(".sd-citation", (block) => {
    const place = block.querySelector("[data-address]"); // a site built without its address is cited by where it is read
    const root = place?.href.slice(0, -place.dataset.address.length);
    for (const pre of block.querySelectorAll("pre")) {
      if (place) pre.textContent = pre.textContent.replace(/(^|[\s("{])(?=\/(r|layers|sources|facts)\/)/gm, `$1${root}`);
      offer(pre, `Copy ${pre.dataset.name}`);
    }
  });
  near(".highlight pre", (pre) => offer(pre, "Copy"));
})();
(() => {
  const bring = (fold) => new Promise((ended) => { // the figures of another machine come when they are asked for
    const place = fold.querySelector(":scope > .sd-part:not([aria-busy])");
    if (!place) return ended();
    place.setAttribute("aria-busy", "true");
    const script = Object.assign(document.createElement("script"), { src: place.dataset.src });
    script.onerror = () => {
      place.removeAttribute("aria-busy");
      ended();
    };
    script.onload = () => {
      place.outerHTML = script.part;
      fold.dispatchEvent(new Event("sd-come", { bubbles: true }));
      ended();
    };
    document.head.append(script);
  });
  document.addEventListener("toggle", ({ target }) => target.open && bring(target), true);
  const select = document.querySelector("#sd-machine");
  if (!select) return;
  const forgiven = (run) => { try { return run(); } catch { return null; } }; // storage or history may be forbidden
  const follow = (key) => {
    select.value = key;
    const folds = [...document.querySelectorAll(`.sd-other[data-choice~="${key}"]:has(> .sd-part)`)];
    const heights = folds.map((fold) => fold.parentElement.offsetHeight);
    folds.forEach((fold, number) => { fold.parentElement.style.minHeight = `${heights[number]}px`; }); // until the figures are there
    for (const part of document.querySelectorAll("[data-choice]")) {
      const chosen = part.dataset.choice.split(" ").includes(key);
      if (part.matches("details")) part.open = part.firstElementChild.hidden = chosen;
      else if (part.matches("svg *")) part.setAttribute("display", chosen ? "inline" : "none");
      else if (!part.matches("tr")) part.hidden = !chosen;
      else if (chosen) part.setAttribute("aria-current", "true");
      else part.removeAttribute("aria-current");
      if (chosen && part.matches("details, tr, p:not([data-device])")) part.parentElement.prepend(part);
    }
    return Promise.all(folds.map(async (fold) => {
      await bring(fold);
      fold.parentElement.style.minHeight = "";
    }));
  };
  const choose = (key) => {
    const all = follow(key);
    const address = new URL(location.href);
    address.searchParams.set("machine", key);
    forgiven(() => localStorage.setItem("stackdoc.machine", key));
    forgiven(() => history.replaceState(history.state, "", address));
    return all;
  };
  const asked = new URL(location.href).searchParams.get("machine");
  const known = [...select.options].map((option) => option.value);
  const first = [asked, forgiven(() => localStorage.getItem("stackdoc.machine"))].find((key) => known.includes(key));
  const seen = () => document.documentElement.classList.remove("sd-following");
  if (first) choose(first).then(seen);
  else seen();
  select.addEventListener("change", () => choose(select.value));
  select.parentElement.hidden = false;
})();
(() => {
  for (const table of document.querySelectorAll("table.sd-translate")) {
    const rows = [...table.tBodies[0].rows];
    const box = Object.assign(document.createElement("input"), { type: "search", placeholder: "layer 6", autocomplete: "off" });
    const label = Object.assign(document.createElement("label"), { className: "sd-translate__box", textContent: "Translate " });
    label.append(box);
    table.parentElement.before(label);
    box.addEventListener("input", () => {
      const said = box.value.trim().toLowerCase().replace(/^l(ayer)? *(?=\w{1,2}$)/, "layer ");
      const exact = rows.filter((row) => [said, `layer ${said}`].includes(row.cells[0].textContent.toLowerCase()));
      for (const row of rows) row.hidden = exact.length ? !exact.includes(row) : !row.textContent.toLowerCase().includes(said);
    });
  }
})();
(() => {
  const [, before, id, after] = location.pathname.match(/^(.*\/r\/)([0-9a-f]{12})(.*)$/i) ?? []; // on the host's page for what it lacks
  if (id && id !== id.toLowerCase()) location.replace(before + id.toLowerCase() + after + location.hash);
})();
