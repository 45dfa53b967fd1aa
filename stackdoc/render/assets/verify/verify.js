// The box that leads from an id, a link or a citation to its record; on a record's page, the figure that was followed.
(() => {
  const distance = (a, b) => { // how many digits have to be added, removed or replaced
    let row = [...Array(b.length + 1).keys()];
    for (let i = 1; i <= a.length; i += 1) {
      const next = [i];
      for (let j = 1; j <= b.length; j += 1) next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] !== b[j - 1]));
      row = next;
    }
    return row[b.length];
  };
  const load = (src) => new Promise((done, failed) => { // a script, since a page that is read from a disk can load nothing else
    const script = Object.assign(document.createElement("script"), { src });
    script.onload = () => done(script.records.map((entry) => ({ id: entry.split(".")[0], digits: entry.replace(".", "") })));
    script.onerror = () => failed(new Error("The list of records can't be loaded."));
    document.head.append(script);
  });
  const asked = (text) => {
    const ids = [...text.matchAll(/(?<![0-9a-z])[0-9a-f]{6,64}(?![0-9a-z])/gi)].map((match) => match[0].toLowerCase());
    const [link, point] = text.match(/\/r\/[0-9a-f]{6,64}(?:\/(?:index\.html)?)?#([^\s"'<>()[\]{}]+)/i) ?? [];
    const linked = text.match(/\/r\/([0-9a-f]{6,64})/i)?.[1].toLowerCase();
    return { ids: [...new Set([linked, ...ids.sort((a, b) => b.length - a.length)])].filter(Boolean), point: link && point.replace(/[.,;]+$/, "") };
  };
  const make = (tag, fields, ...children) => {
    const made = Object.assign(document.createElement(tag), fields);
    made.append(...children);
    return made;
  };
  for (const place of document.querySelectorAll("div.sd-verify")) {
    const list = new URL(place.dataset.src, location.href), said = make("output");
    const box = make("input", { type: "search", required: true, autocomplete: "off", spellcheck: false });
    const label = make("label", {}, make("span", { textContent: "Verify a figure: its id, link or citation" }), box);
    const form = make("form", {}, label, make("button", { textContent: "Verify" }), said);
    const address = (id) => new URL(`${id}/${location.protocol === "file:" ? "index.html" : ""}`, list).href;
    const say = (words, near = []) => {
      said.replaceChildren(words, ...near.flatMap(({ id }) => [" ", make("a", { href: address(id), textContent: id })]));
    };
    let records;
    place.append(form);
    place.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const { ids, point } = asked(box.value);
      if (!ids.length) return say("There is no id in this: 12, 16 or 64 digits from 0 to 9 and a to f.");
      try { records ??= await load(list); } catch (error) { return say(error.message); }
      const named = (digits) => records.find((record) => digits.startsWith(record.id) && record.digits.startsWith(digits));
      const record = ids.map(named).find(Boolean);
      if (record) return location.assign(address(record.id) + (point ? `#${point}` : ""));
      const [id] = ids, forged = records.find((each) => id.startsWith(each.id));
      if (forged) return say(`This is not the digest of a record here. It begins like that of record`, [forged]);
      const near = records.map((each) => ({ ...each, far: distance(id, each.digits.slice(0, Math.max(each.id.length, id.length))) })).sort((a, b) => a.far - b.far).slice(0, 3);
      return say(`This site has no record ${id}.${near.length ? " The nearest:" : ""}`, near);
    });
  }
  const card = document.querySelector(".sd-verification .sd-followed");
  const follow = () => {
    const section = document.querySelector(".sd-point:target");
    if (!card || !section) return;
    const [name, value] = [card.querySelector("dt"), card.querySelector("dd")];
    const now = [...document.querySelectorAll(".sd-verification tr[data-point]")].find((row) => row.dataset.point === section.id)?.cells;
    name.replaceChildren(...section.querySelector("h3").cloneNode(true).childNodes);
    value.replaceChildren(...section.querySelector(".sd-point__value").cloneNode(true).childNodes);
    if (now) value.append(make("br"), `Now ${now[2].textContent}: ${now[4].textContent}, ${now[3].textContent}.`);
    card.hidden = false;
    scrollTo(0, 0); // the card has the figure and all that is known about it
  };
  if (document.readyState === "complete") follow();
  else addEventListener("load", () => setTimeout(follow));
})();
