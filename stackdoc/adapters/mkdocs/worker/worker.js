// The worker of the search: it answers the messages of Material's dialogue from an index that MiniSearch makes.
// The index has one entry for each section of each page, and HINTS the synonyms, questions and weights: `own_search.py`.
"use strict";

const SETUP = 0, READY = 1, QUERY = 2, RESULT = 3; // types of messages
const MOST_PAGES = 30, MOST_SECTIONS = 5, SNIPPET = 220; // pages of an answer, sections of a page, characters of a section
const BOOSTS = { title: 3, also: 3, page: 0.8, text: 1, words: 0.4 };
const STOP_WORDS = new Set(
  ("a about an and any are as at be been but by can could did do does for from had has have how i if in into is it its may me my " +
    "no not of on or our should so than that the their them then there these they this those to was we were what when where " +
    "which who whose why will with would you your").split(" "),
);
const WORD = /[\p{L}\p{N}_+#&×µ]+(?:\.[\p{L}\p{N}_+#&×µ]+)*/gu;
const known = new Map(); // the forms of each word so far

const split = (text) => text.toLowerCase().match(WORD) ?? [];

/** The forms under which a word is found: its stem, and those of its parts, as of torch.compile. */
function forms(word) {
  if (!known.has(word)) {
    const parts = word.split(/[._]/).filter(Boolean);
    known.set(word, parts.length > 1 ? [word, ...parts.map(stemmer)] : [stemmer(word)]);
  }
  return known.get(word);
}

const stem = (word) => forms(word)[0];
const telling = (words) => words.filter((word) => !STOP_WORDS.has(word));

/** The stems of a name or question that tell it from others. */
const namedBy = (text) => telling(split(text)).map(stem);

const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const SIGNS = { lt: "<", gt: ">", amp: "&" };
const plain = (html) => html.replace(/&(lt|gt|amp);/g, (_, name) => SIGNS[name]);
const pageOf = (location) => location.split("#")[0];
const weightOf = (location) => {
  const [page, anchor = ""] = location.split("#");
  return HINTS.weights.find(([start, name]) => page.startsWith(start) && anchor.startsWith(name))?.[2] ?? 1;
};
const synonyms = HINTS.synonyms.map((group) => group.map((phrase) => telling(split(phrase))).filter((words) => words.length));
let docs, pages;
let index, complete = false; // of names alone, until that of all words is made
let asked = ""; // the last query that was answered by names alone

function setUp(data) {
  docs = data.docs.map((stored, id) => {
    const doc = { ...stored };
    for (const name of ["title", "text", "words"]) if (name in doc) doc[name] = plain(doc[name]);
    const also = HINTS.also[doc.location] ?? [];
    return { ...doc, id, also, names: [doc.title, ...also].map(namedBy), weight: (doc.boost ?? 1) * weightOf(doc.location) };
  });
  pages = new Map(docs.filter((doc) => !doc.location.includes("#")).map((doc) => [doc.location, doc]));
  index = made(["title", "also"]);
  index.addAll(docs);
  const whole = made(Object.keys(BOOSTS));
  whole.addAllAsync(docs, { chunkSize: 50 }).then(() => {
    [index, complete] = [whole, true];
    if (asked) answer(asked);
  });
}

const made = (fields) =>
  new MiniSearch({
    fields,
    tokenize: split,
    processTerm: forms,
    extractField: (doc, name) => {
      if (name === "page") return doc.location.includes("#") ? (pages.get(pageOf(doc.location))?.title ?? "") : "";
      return name === "also" ? doc.also.join(" ") : doc[name];
    },
  });

/** The query in other words: each time one phrase of a group of synonyms is replaced by another. */
function variants(words) {
  const stems = words.map(stem), found = [words];
  for (const group of synonyms)
    for (const phrase of group) {
      const at = stems.findIndex((_, start) => phrase.every((word, i) => stems[start + i] === stem(word)));
      if (at < 0) continue;
      for (const other of group)
        if (other !== phrase) found.push([...words.slice(0, at), ...other, ...words.slice(at + phrase.length)]);
    }
  return [...new Map(found.map((one) => [one.map(stem).join(), one])).values()].slice(0, 10);
}

/** Sections that have the words, best first: those with more of them, in the title, and of weightier pages. */
function ranked(query) {
  const all = split(query), words = telling(all).length ? telling(all) : all;
  if (!all.length) return [];
  const best = new Map();
  variants(words).forEach((variant, number) => {
    const wanted = variant.map(forms), stems = variant.map(stem);
    for (const match of matches(variant, !number)) {
      const doc = docs[match.id], has = new Set(match.queryTerms);
      const share = wanted.filter((some) => some.some((term) => has.has(term))).length / wanted.length;
      const score = match.score * share ** 2 * exactness(doc, stems) * doc.weight * (number ? 0.9 : 1);
      if (score > (best.get(match.id)?.score ?? 0)) best.set(match.id, { id: match.id, score, match, words: variant });
    }
  });
  return [...best.values()].sort((a, b) => b.score - a.score || a.id - b.id);
}

/** The sections with any of the words. Of `typed` words the last may be unfinished, and an unknown one misspelt. */
function matches(words, typed) {
  const unfinished = new Set(typed ? forms(words.at(-1)) : []);
  const options = { boost: BOOSTS, weights: { prefix: 0.6, fuzzy: 0.2 }, prefix: (term) => term.length > 1 && unfinished.has(term) };
  const found = index.search(words.join(" "), options);
  const has = new Set(found.flatMap((match) => match.queryTerms));
  const unknown = new Set(typed ? words.flatMap(forms).filter((term) => term.length > 3 && !has.has(term)) : []);
  return unknown.size ? index.search(words.join(" "), { ...options, fuzzy: (term) => unknown.has(term) && 0.25 }) : found;
}

/** How much more a section counts whose title, or a question that it answers, is the query. */
function exactness(doc, stems) {
  const covered = doc.names.map((name) => stems.filter((stem) => name.includes(stem)).length / Math.max(name.length, stems.length));
  return 1 + 3 * Math.max(0, ...covered) ** 2;
}

/** The text with the words that were found marked, as HTML. */
function marked(text, terms) {
  let shown = "", end = 0;
  for (const { 0: word, index: start } of text.matchAll(WORD)) {
    const hit = forms(word.toLowerCase()).some((form) => terms.has(form));
    shown += escaped(text.slice(end, start)) + (hit ? `<mark>${escaped(word)}</mark>` : escaped(word));
    end = start + word.length;
  }
  return shown + escaped(text.slice(end));
}

/** A few sentences of the text, from the one with most of the words on. */
function snippet(text, terms) {
  const sentences = text.match(/.+?(?:[.!?](?=\s)|$)\s*/gs) ?? [];
  const count = (sentence) => new Set(split(sentence).flatMap(forms).filter((form) => terms.has(form))).size;
  let first = 0;
  sentences.forEach((sentence, i) => { if (count(sentence) > count(sentences[first])) first = i; });
  let shown = sentences.slice(first).join("");
  if (shown.length > SNIPPET) shown = `${shown.slice(0, Math.max(shown.lastIndexOf(" ", SNIPPET), 0) || SNIPPET)} …`;
  return `${first ? "… " : ""}${marked(shown.trim(), terms)}`;
}

/** An entry as Material's dialogue shows it. */
function item({ id, score, match, words }) {
  const doc = docs[id], terms = new Set(match?.terms ?? []), has = new Set(match?.queryTerms ?? []);
  return {
    location: doc.location,
    title: marked(doc.title, terms),
    text: doc.text && `<p>${snippet(doc.text, terms)}</p>`,
    score,
    terms: Object.fromEntries((words ?? []).map((word) => [word, forms(word).some((form) => has.has(form))])),
  };
}

/** The groups of entries that answer a query, one for each page; the start of the page is always among them. */
function search(query) {
  const groups = new Map();
  for (const found of ranked(query)) {
    const page = pageOf(docs[found.id].location);
    if (!groups.has(page) && groups.size === MOST_PAGES) continue;
    groups.set(page, [...(groups.get(page) ?? []), found]);
  }
  return [...groups].map(([page, found]) => {
    const items = found.slice(0, MOST_SECTIONS).map(item), start = pages.get(page);
    if (start && !items.some((one) => one.location === page)) items.push(item({ id: start.id, score: 0 }));
    return items;
  });
}

function answer(query) {
  asked = complete ? "" : query;
  postMessage({ type: RESULT, data: { items: search(query), complete } });
}

addEventListener("message", ({ data: { type, data } }) => {
  if (type === SETUP) {
    setUp(data);
    postMessage({ type: READY });
  } else if (type === QUERY) answer(data);
});
