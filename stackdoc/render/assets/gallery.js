// The tags of a gallery filter its cards; without this script they lead to the lists at the end of the page.
(() => {
  const bar = document.querySelector(".sd-tag-bar");
  if (!bar) return;
  const cards = [...document.querySelectorAll(".sd-gallery__cards > li")];
  const count = Object.assign(document.createElement("p"), { className: "sd-tag-count" });
  const all = Object.assign(document.createElement("a"), { href: "#all", textContent: "all" });
  count.setAttribute("role", "status");
  bar.prepend(all);
  bar.after(count);
  for (const lists of document.querySelectorAll(".sd-by-tag")) lists.hidden = true;
  const filter = () => {
    const chosen = [...bar.querySelectorAll("[data-tag]")].find((link) => link.hash === location.hash) ?? all;
    const { tag } = chosen.dataset;
    for (const card of cards) card.hidden = tag !== undefined && !JSON.parse(card.dataset.tags ?? "[]").includes(tag);
    for (const link of bar.children) link === chosen ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
    for (const gallery of document.querySelectorAll(".sd-gallery")) {
      gallery.hidden = !gallery.querySelector("li:not([hidden])");
      for (let before = gallery.previousElementSibling; before && !before.matches(".sd-gallery, nav, h1, [role=status]"); before = before.previousElementSibling) before.hidden = gallery.hidden;
    }
    count.textContent = tag === undefined ? "" : `${cards.filter((card) => !card.hidden).length} of ${cards.length} examples`;
  };
  addEventListener("hashchange", filter);
  filter();
})();
