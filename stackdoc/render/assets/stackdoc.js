// Tooltips for the marks of figures and for glossary terms, by mouse, touch and keyboard; buttons that copy citations and scripts; the machine
// switch; a box that filters the table of numbers; a redirect from a record id in capitals. Nothing else.
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
    else if (term?.title || term?.dataset.tip) {
      term.dataset.tip ??= term.title;
      term.removeAttribute("title"); // or the browser's tooltip would cover ours
      show(term, term.dataset.tip);
    } else if (event.type === "pointerover" && document.activeElement?.matches("a.sd-term, .sd-svg [tabindex]")) return;
    else hide();
  };
  for (const name of ["pointerover", "focusin"]) document.addEventListener(name, explain);
  document.addEventListener("focusout", hide);
  addEventListener("keydown", (event) => event.key === "Escape" && hide());
  const near = (selector, prepare, within = document) => { // prepare elements only as they approach the screen
    const watch = new IntersectionObserver((seen) => {
      for (const { target } of seen.filter((entry) => entry.isIntersecting)) {
        watch.unobserve(target);
        prepare(target);
      }
    }, { rootMargin: "200%" });
    for (const element of within.querySelectorAll(selector)) watch.observe(element);
  };
  const reach = (svg) => {
    for (const mark of svg.querySelectorAll("[role=graphics-symbol][aria-label]")) mark.setAttribute("tabindex", "0");
  };
  near(".sd-svg", reach);
  document.addEventListener("sd-loaded", (event) => near(".sd-svg", reach, event.target));
  const copy = async (pre, text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    getSelection().selectAllChildren(pre); // without https only this works, which copies the selection
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
    const home = block.querySelector("[data-home]"); // a site built without an address is cited by the one it is read at
    const root = home?.href.replace(/\/(index\.html)?$/, "");
    for (const pre of block.querySelectorAll("pre")) {
      if (home) pre.textContent = pre.textContent.replace(/(^|[\s("{])(?=\/([\w.-]+\/)*(r|layers|sources|facts)\/)/gm, `$1${root}`);
      offer(pre, `Copy ${pre.dataset.name}`);
    }
  });
  near(".highlight pre", (pre) => offer(pre, "Copy"));
  near(".sd-command", (pre) => offer(pre, "Copy command"));
})();
(() => {
  const load = (fold) => new Promise((ended) => { // load the figures of another machine on demand
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
      fold.dispatchEvent(new Event("sd-loaded", { bubbles: true }));
      ended();
    };
    document.head.append(script);
  });
  document.addEventListener("toggle", ({ target }) => target.open && load(target), true);
  const select = document.querySelector("#sd-machine");
  if (!select) return;
  const attempt = (run) => { try { return run(); } catch { return null; } }; // storage or history may be blocked
  const follow = (key) => {
    select.value = key;
    const folds = [...document.querySelectorAll(`.sd-other[data-choice~="${key}"]:has(> .sd-part)`)];
    const homes = folds.map((fold) => fold.closest(".sd-measurements") ?? fold.parentElement);
    const heights = homes.map((home) => home.offsetHeight);
    homes.forEach((home, number) => { home.style.minHeight = `${heights[number]}px`; }); // until the figures are loaded
    for (const part of document.querySelectorAll("[data-choice]")) {
      const chosen = part.dataset.choice.split(" ").includes(key);
      if (part.matches("details")) part.open = part.firstElementChild.hidden = chosen;
      else if (part.matches("svg *")) part.setAttribute("display", chosen ? "inline" : "none");
      else if (!part.matches("tr")) part.hidden = !chosen;
      else if (chosen) part.setAttribute("aria-current", "true");
      else part.removeAttribute("aria-current");
      const home = part.closest(".sd-measurements");
      if (home && part.matches("details, p:not([data-device])")) {
        if (chosen) home.prepend(part);
        else if (part.matches("details")) home.querySelector(":scope > .sd-machines > summary")?.after(part);
      } else if (chosen && part.matches("tr, p:not([data-device])")) part.parentElement.prepend(part);
    }
    return Promise.all(folds.map(async (fold, number) => {
      await load(fold);
      homes[number].style.minHeight = "";
    }));
  };
  const choose = (key) => {
    const all = follow(key);
    const address = new URL(location.href);
    address.searchParams.set("machine", key);
    attempt(() => localStorage.setItem("stackdoc.machine", key));
    attempt(() => history.replaceState(history.state, "", address));
    return all;
  };
  const asked = new URL(location.href).searchParams.get("machine");
  const known = [...select.options].map((option) => option.value);
  const first = [asked, attempt(() => localStorage.getItem("stackdoc.machine"))].find((key) => known.includes(key));
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
      const query = box.value.trim().toLowerCase().replace(/^l(ayer)? *(?=\w{1,2}$)/, "layer ");
      const exact = rows.filter((row) => [query, `layer ${query}`].includes(row.cells[0].textContent.toLowerCase()));
      for (const row of rows) row.hidden = exact.length ? !exact.includes(row) : !row.textContent.toLowerCase().includes(query);
    });
  }
})();
(() => {
  const [, before, id, after] = location.pathname.match(/^(.*\/r\/)([0-9a-f]{12,16})(?![0-9a-f])(.*)$/i) ?? []; // runs on the host's error page
  if (id && id !== id.toLowerCase()) location.replace(before + id.toLowerCase() + after + location.hash);
})();
(() => { // "report a mistake here" beside each heading, where the site has a repository
  const meta = document.querySelector('meta[name="stackdoc:report"]');
  if (!meta) return;
  const revision = document.querySelector('meta[name="citation_technical_report_number"]')?.content;
  for (const anchor of document.querySelectorAll(".md-typeset :is(h2, h3) > a.headerlink")) {
    const section = [...anchor.parentElement.childNodes].filter((node) => node !== anchor).map((node) => node.textContent).join("").trim();
    const body = ["", "", `Page: ${anchor.href}`, `Section: ${section}`, `Edition: ${[meta.dataset.edition && `figures up to ${meta.dataset.edition}`, revision && `text ${revision}`].filter(Boolean).join(", ")}`].join("\n");
    const href = meta.content.replace("{title}", encodeURIComponent(`Mistake in “${section}”`)).replace("{body}", encodeURIComponent(body));
    const link = Object.assign(document.createElement("a"), { href, className: "headerlink sd-report", textContent: "report a mistake", title: "Report a mistake in this section" });
    link.setAttribute("aria-label", `Report a mistake in “${section}”`);
    anchor.after(link);
  }
})();
