// Makes one document of the chosen pages of a site, in the browser: title page, contents, chapters, numbered figures.
// Called with the addresses of the chapters, relative to the page that is open.
async (chapters) => {
  const home = `${location.origin}/`, known = new Map(), missing = [];
  const make = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties); // the text first, then the children
    made.append(...children);
    return made;
  };
  const idOf = (path) => `page-${path.replace(/\/$/, "").replaceAll("/", "-") || "home"}`;
  for (const path of chapters) {
    const answer = await fetch(new URL(path, home));
    if (!answer.ok) { missing.push(path); continue; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    known.set(new URL(path, home).href, { path, article: page.querySelector("article"), title: page.querySelector("h1")?.firstChild.textContent.trim() ?? path, page });
  }
  if (missing.length) return { missing };

  // What paper does not need: controls, scripts to download, the figures of other machines.
  const SCREEN = "script, style, button, select, .headerlink, .md-content__button, .sd-copy, .sd-downloads, .sd-tools, .sd-print, .sd-margin, .sd-neighbours, .sd-ask, .sd-report, .sd-citation, [data-choice][hidden], details:has(> .sd-part), .md-source-file";
  const FOLDED = "details:has(.highlight, pre.sd-code), details.sd-data"; // scripts, and the values of figures
  let figures = 0, chapter = 0;
  const contents = make("ol");
  const parts = [...known.values()].map(({ path, article, title }) => {
    chapter += 1;
    const own = idOf(path), from = new URL(path, home);
    for (const extra of article.querySelectorAll(SCREEN)) extra.remove();
    for (const extra of article.querySelectorAll(FOLDED)) extra.remove();
    for (const label of article.querySelectorAll("label:not(:has(input))")) label.remove();
    for (const fold of article.querySelectorAll("details")) fold.open = true;
    const renamed = new Map([...article.querySelectorAll("[id]")].map((element) => [element.id, `${own}--${element.id}`]));
    for (const element of article.querySelectorAll("[id]")) element.id = renamed.get(element.id);
    for (const element of article.querySelectorAll("*")) {
      for (const { name, value } of [...element.attributes]) {
        if (["aria-labelledby", "aria-describedby", "for"].includes(name)) element.setAttribute(name, value.split(" ").map((id) => renamed.get(id) ?? id).join(" "));
        else if (value.includes("url(#")) element.setAttribute(name, value.replace(/url\(#([^)]+)\)/g, (_, id) => `url(#${renamed.get(id) ?? id})`));
        else if (name === "src") element.src = new URL(value, from).href;
      }
    }
    for (const use of article.querySelectorAll("use")) use.setAttribute("href", `#${renamed.get(use.getAttribute("href")?.slice(1)) ?? ""}`);
    for (const link of article.querySelectorAll("a[href]")) {
      const to = new URL(link.getAttribute("href"), from), anchor = decodeURIComponent(to.hash.slice(1));
      to.hash = to.search = "";
      if (known.has(to.href)) link.setAttribute("href", `#${idOf(known.get(to.href).path)}${anchor ? `--${anchor}` : ""}`);
      else if (to.origin === from.origin) link.removeAttribute("href"); // not in the book; its text stays
    }
    let number = 0;
    for (const caption of article.querySelectorAll("figcaption")) {
      number += 1;
      figures += 1;
      const figure = caption.closest("figure");
      figure.id ||= `${own}--figure-${number}`;
      (caption.querySelector("p") ?? caption).prepend(make("b", { textContent: `Figure ${chapter}.${number}. ` }));
    }
    const head = article.querySelector("h1");
    head?.prepend(`${chapter} `);
    const sections = [...article.querySelectorAll("h2[id]")].map((section) => make("li", {}, make("a", { href: `#${section.id}`, textContent: section.textContent.trim() }, make("span"))));
    contents.append(make("li", {}, make("a", { href: `#${own}`, textContent: title }, make("span")), make("ol", {}, ...sections)));
    const part = make("section", { id: own, className: "sd-book__chapter" }, ...article.childNodes);
    part.style.page = own;
    return part;
  });

  const front = new DOMParser().parseFromString(await (await fetch(home)).text(), "text/html");
  const words = (selector, name = "content") => front.querySelector(selector)?.getAttribute(name) ?? "";
  const name = front.title.split(" - ").at(-1);
  const dates = parts.flatMap((part) => part.textContent.match(/measured up to (\d{4}-\d\d-\d\d)/g) ?? []).map((text) => text.slice(-10)).sort();
  const machine = document.querySelector("#sd-machine option")?.textContent ?? "";
  const cover = make("header", { className: "sd-book__cover" }, make("h1", { textContent: name }),
    ...[words('meta[name="description"]'), dates.length ? `Figures measured up to ${dates.at(-1)}.` : "", machine ? `Shown for ${machine}.` : "",
      document.querySelector(".md-copyright__highlight")?.textContent.trim() ?? "", words("link[rel=canonical]", "href")].filter(Boolean).map((textContent) => make("p", { textContent })));
  const headers = [...known.values()].map(({ path, title }) => `@page ${idOf(path)} { @top-left { content: ${JSON.stringify(title)}; } }`);
  const style = make("style", { textContent: `
    @page { size: A4; margin: 22mm 20mm 20mm; @top-left { content: ""; font: 8pt sans-serif; color: #444; } @top-right { content: ${JSON.stringify(name)}; font: 8pt sans-serif; color: #444; } @bottom-center { content: counter(page); font: 8pt sans-serif; color: #444; } }
    @page cover { @top-right { content: ""; } @bottom-center { content: ""; } }
    ${headers.join("\n")}
    html { font-size: 100%; } body { display: block; background: #fff; font-size: 10pt; }
    .sd-book { max-width: none; margin: 0; padding: 0; } .md-typeset.sd-book { font-size: 10pt; }
    .sd-book__cover { page: cover; break-after: page; padding-top: 30%; } .sd-book__contents { page: contents; } .sd-book__chapter { break-before: page; }
    .md-typeset .sd-book__contents ol { list-style: none; margin: 0; padding: 0; max-width: none; } .md-typeset .sd-book__contents > ol > li { break-inside: avoid; margin: 0 0 0.6em; font-weight: 600; }
    .md-typeset .sd-book__contents ol ol { margin-left: 1.5em; columns: 2; font-weight: 400; } .sd-book__contents li { margin: 0; }
    .sd-book__contents a { display: flex; gap: 0.5em; } .sd-book__contents a > span { margin-left: auto; }
    .sd-book :is(h1, h2, h3, h4) { break-after: avoid; } .sd-book :is(figure, svg, tr, .sd-claim, .sd-calculator > dl > div) { break-inside: avoid; }
    .sd-book :is(.md-typeset__scrollwrap, .md-typeset__table, .sd-scroll) { overflow: visible; } .sd-book table { font-size: 7.5pt; } .sd-book .sd-tower, .sd-book .sd-tower * { break-inside: auto; } .md-typeset.sd-book summary::before, .md-typeset.sd-book summary::after { display: none; }
    .sd-part { content-visibility: visible; contain-intrinsic-size: none; } .sd-book pre { white-space: pre-wrap; }
  ` });
  const number = (item, at) => item.firstElementChild.prepend(`${at + 1} `);
  [...contents.children].forEach(number);
  document.title = name;
  document.head.append(style);
  const book = make("article", { className: "md-typeset sd-book" }, cover, make("nav", { className: "sd-book__contents" }, make("h1", { textContent: "Contents" }), contents), ...parts);
  document.body.replaceChildren(book);
  const ids = new Set([...book.querySelectorAll("[id]")].map(({ id }) => id));
  const broken = [...book.querySelectorAll('a[href^="#"]')].filter((link) => !ids.has(decodeURIComponent(link.hash.slice(1))));
  for (const link of broken) link.removeAttribute("href");
  await document.fonts.ready;
  window.number = (pages) => { // after a first printing: the page of each entry of the contents
    for (const link of contents.querySelectorAll("a")) link.lastElementChild.textContent = pages[decodeURIComponent(link.hash.slice(1))] ?? "";
  };
  for (const span of contents.querySelectorAll("span")) span.textContent = "000"; // as wide as a number
  return { missing, chapters: chapter, figures, sections: contents.querySelectorAll("ol li").length, broken: broken.length };
}
