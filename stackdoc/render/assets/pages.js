// A box that filters a long table to the rows that contain every word typed.
(() => {
  for (const table of document.querySelectorAll("table.sd-filter")) {
    const box = Object.assign(document.createElement("input"), { type: "search", autocomplete: "off" });
    const label = Object.assign(document.createElement("label"), { className: "sd-translate__box", textContent: "Filter by name, layer, source or state " });
    label.append(box);
    table.parentElement.before(label);
    box.addEventListener("input", () => {
      const words = box.value.trim().toLowerCase().split(/\s+/);
      for (const row of table.tBodies[0].rows) row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
    });
  }
})();

// Buttons for the outcomes of a comparison, and a box for words. A fold opens while something is filtered in it.
(() => {
  const folds = [...document.querySelectorAll("details.sd-compared")];
  const rows = folds.flatMap((fold) => [...fold.querySelectorAll("tr[data-outcome]")]);
  if (!rows.length) return;
  const bar = Object.assign(document.createElement("div"), { className: "sd-filters" });
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "Show points");
  const buttons = [...new Set(rows.map((row) => row.dataset.outcome))].map((outcome) => {
    const button = Object.assign(document.createElement("button"), { type: "button", value: outcome });
    button.textContent = `${outcome} ${rows.filter((row) => row.dataset.outcome === outcome).length}`;
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
      show();
    });
    return button;
  });
  const box = Object.assign(document.createElement("input"), { type: "search", autocomplete: "off" });
  const label = Object.assign(document.createElement("label"), { textContent: "Filter by point or example " });
  label.append(box);
  bar.append(...buttons, label);
  folds[0].before(bar);
  const show = () => {
    const pressed = buttons.filter((button) => button.getAttribute("aria-pressed") === "true").map((button) => button.value);
    const words = box.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const text = `${row.id} ${row.textContent}`.toLowerCase();
      row.hidden = (pressed.length > 0 && !pressed.includes(row.dataset.outcome)) || !words.every((word) => text.includes(word));
    }
    const filtered = pressed.length > 0 || words.length > 0;
    for (const fold of folds) fold.open = filtered && Boolean(fold.querySelector("tr[data-outcome]:not([hidden])"));
  };
  box.addEventListener("input", show);
})();

// On the page of an edition, which never changes: what the newer page about the edition says has changed since.
(() => {
  for (const line of document.querySelectorAll(".sd-since")) {
    fetch(line.dataset.since).then((answer) => answer.json()).then((pages) => { line.textContent = pages[line.dataset.page] ?? ""; }).catch(() => {});
  }
})();

// The box for a question on the first page hands its words to the search.
(() => {
  const form = document.querySelector("form.sd-ask"), query = document.querySelector("[data-md-component=search-query]");
  if (!form || !query) return;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    query.focus();
    query.value = form.querySelector("input").value;
    query.dispatchEvent(new Event("keyup", { bubbles: true }));
  });
})();
