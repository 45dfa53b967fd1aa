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
