// Exact values on the marks of figures, by mouse, touch and keyboard; a button that copies a citation; the machine
// whose figures the page shows. Nothing else.
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
(() => {
  const select = document.querySelector("#sd-machine");
  if (!select) return;
  const forgiven = (run) => { try { return run(); } catch { return null; } }; // storage or history may be forbidden
  const follow = (key) => {
    select.value = key;
    for (const part of document.querySelectorAll("[data-choice]")) {
      const chosen = part.dataset.choice.split(" ").includes(key);
      if (part.matches("details")) part.open = part.firstElementChild.hidden = chosen;
      else if (!part.matches("tr")) part.hidden = !chosen;
      else if (chosen) part.setAttribute("aria-current", "true");
      else part.removeAttribute("aria-current");
      if (chosen && part.matches("details, tr, p:not([data-device])")) part.parentElement.prepend(part);
    }
  };
  const choose = (key) => {
    follow(key);
    const address = new URL(location.href);
    address.searchParams.set("machine", key);
    forgiven(() => localStorage.setItem("stackdoc.machine", key));
    forgiven(() => history.replaceState(history.state, "", address));
  };
  const asked = new URL(location.href).searchParams.get("machine");
  const known = [...select.options].map((option) => option.value);
  const first = [asked, forgiven(() => localStorage.getItem("stackdoc.machine"))].find((key) => known.includes(key));
  if (first) choose(first);
  document.documentElement.classList.remove("sd-following");
  select.addEventListener("change", () => choose(select.value));
  select.parentElement.hidden = false;
})();
