// Exact values on the marks of figures, by mouse, touch and keyboard; a button that copies a citation. Nothing else.
(() => {
  const tip = Object.assign(document.createElement("div"), { className: "sd-tip", hidden: true });
  tip.setAttribute("role", "status");
  document.body.append(tip);
  const show = (mark) => {
    const box = mark.getBoundingClientRect();
    tip.textContent = mark.getAttribute("aria-label");
    tip.hidden = false;
    const left = Math.min(scrollX + box.right + 8, scrollX + document.documentElement.clientWidth - tip.offsetWidth - 8);
    Object.assign(tip.style, { left: `${Math.max(8, left)}px`, top: `${scrollY + box.top - tip.offsetHeight - 6}px` });
  };
  const hide = () => { tip.hidden = true; };
  for (const mark of document.querySelectorAll(".sd-svg [role=graphics-symbol][aria-label]")) {
    mark.setAttribute("tabindex", "0");
    mark.addEventListener("pointerenter", () => show(mark));
    mark.addEventListener("focus", () => show(mark));
    mark.addEventListener("pointerleave", hide);
    mark.addEventListener("blur", hide);
  }
  addEventListener("keydown", (event) => event.key === "Escape" && hide());
  for (const pre of document.querySelectorAll(".sd-citation pre")) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "sd-copy", textContent: "Copy" });
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(pre.textContent);
      button.textContent = "Copied";
    });
    if (navigator.clipboard) pre.before(button);
  }
})();
