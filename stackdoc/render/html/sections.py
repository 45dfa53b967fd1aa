"""Split a page's HTML into its sections of prose, which is what a search indexes.

Code, figures, measured tables, hidden elements and what many pages repeat are left out. The page is scanned once, tag
by tag, and an element that is left out is skipped as a whole, so that a megabyte of tables takes milliseconds.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from html import unescape

from stackdoc.render.html.element import VOID

TAG = re.compile(r"<!--.*?-->|<(/?)([a-zA-Z][\w-]*)((?:[^>\"']++|\"[^\"]*\"|'[^']*')*)>", re.DOTALL)
ID = re.compile(r"(?<![\w-])id=\"?([^\s\">]+)")
CLASS = re.compile(r"\bclass=\"([^\"]*)\"")
VALUE = re.compile(r"=\s*(?:\"[^\"]*\"|'[^']*')")
NAMED_TERM = re.compile(r"<dt\b[^>]*>\s*(?:<\w+)?[^<>]*(?<![\w-])id=")
INNER_ID = re.compile(r"\s*<\w+\b[^<>]*?(?<![\w-])id=\"([^\"]+)\"")
CLAIM = re.compile(r"<span class=\"sd-claim__text\">(.*?)</span>", re.DOTALL)
HEADING = re.compile(r"<h[1-6]\b[^>]*\bid=")
NOTHING = re.compile(r"(?!)")
ASIDES = {"table": HEADING, "dl": NAMED_TERM, "caption": NOTHING, "thead": NOTHING, "summary": NOTHING}
DEEPEST, MOST_UNCLOSED = 50, 20  # beyond them the elements of a page are read as if they were flat
HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
HIDDEN = frozenset({"hidden", "data-search-exclude"})
TAGS_LEFT_OUT = frozenset(
    {"button", "form", "math", "nav", "object", "pre", "script", "select", "style", "svg", "template", "video"}
)
CLASSES_LEFT_OUT = frozenset(
    {
        *("headerlink", "anchor-link", "footnote-ref", "footnote-backref", "linenodiv"),
        *("jp-InputPrompt", "jp-OutputPrompt", "jp-OutputArea-output"),  # around the cells of a notebook
        *("sd-measurements", "sd-data", "sd-downloads", "sd-missing", "sd-provenance", "sd-run"),  # around figures
        *("sd-margin", "sd-locator", "sd-dates", "sd-print", "sd-cite-one", "sd-card"),  # around the article
        *("sd-claim__text", "sd-claim__sources", "sd-claim__test"),  # a claim's text is its title
        *("sd-formula", "sd-none"),
    }
)
BREAKS = HEADINGS | {
    *("address", "blockquote", "br", "details", "div", "figcaption", "figure", "footer", "header", "hr", "p"),
    *("caption", "dd", "dl", "dt", "li", "ol", "section", "summary", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}


@dataclass(frozen=True)
class Section:
    """A part of a page: the words of its heading, its prose, and the other words by which it can be found.

    `anchor` is the id of the heading, empty for the start of the page. `words` are those of tables and of the titles of
    folds, each once, without those of `text`. All are plain text.
    """

    anchor: str
    title: str
    text: str
    words: str = ""


def sections(html: str) -> list[Section]:
    """Return the sections of a page's article in their order; the first is the start of the page."""
    reader = _Reader(html)
    reader.read(0, len(html))
    return [section.closed() for section in reader.sections]


@dataclass
class _Open:
    """A section that is being read."""

    anchor: str = ""
    title: str = ""
    text: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def closed(self) -> Section:
        text = _plain(self.text)
        known = {word.strip(".,;:()").lower() for word in text.split()}
        words = dict.fromkeys(word.strip(".,;:()") for word in _plain(self.words).split())
        others = [word for word in words if word.lower() not in known and any(map(str.isalpha, word))]
        return Section(self.anchor, self.title, text, " ".join(others))


class _Reader:
    def __init__(self, html: str) -> None:
        self.html = html
        self.sections = [_Open()]
        self.current = self.sections[0]
        self.target = self.current.text
        self.depth = 0  # of the elements that are being read
        self.unclosed: Counter[str] = Counter()

    def read(self, start: int, end: int) -> None:
        """Add what is between two positions to the current section, and to those that begin there."""
        position = start
        while tag := TAG.search(self.html, position, end):
            self.target.append(self.html[position : tag.start()])
            position = self._element(tag, end)
        self.target.append(self.html[position:end])

    def _element(self, tag: re.Match[str], end: int) -> int:
        """Return where reading goes on: after the tag, or after its element if that was read or left out."""
        closes, name, attributes = tag.groups()
        if name in BREAKS:
            self.target.append(" ")
        if closes or not name or name in VOID:
            return tag.end()
        if name in TAGS_LEFT_OUT or (attributes and _is_left_out(attributes)):
            return self._end(name, tag.end(), end)
        if self.depth == DEEPEST:
            return tag.end()
        anchor = ID.search(attributes)
        if name in HEADINGS and anchor:
            return self._heading(name, anchor[1], tag.end(), end)
        if name in ASIDES:
            return self._aside(name, attributes, tag.end(), self._end(name, tag.end(), end))
        if name == "dt":
            return self._term(anchor, tag.end(), self._end(name, tag.end(), end))
        if anchor and name == "section" and (title := CLAIM.search(self.html, tag.end(), end)):
            stop = self._end(name, tag.end(), end)
            with self._kept():
                self._begin(anchor[1], self._words(*title.span(1)))
                self.read(tag.end(), stop)
            return stop
        return tag.end()

    def _heading(self, name: str, anchor: str, start: int, end: int) -> int:
        stop = self.html.find(f"</{name}>", start, end)
        title = self._words(start, stop if stop >= 0 else end)
        if name == "h1" and not self.sections[0].title:
            self.current, self.sections[0].title = self.sections[0], title
            self.target = self.current.text
        else:
            self._begin(anchor, title)
        return stop if stop >= 0 else end

    def _aside(self, name: str, attributes: str, start: int, stop: int) -> int:
        """Read a table, its head, the title of a fold or a list of terms; sections that begin in it end with it."""
        is_prose = ASIDES[name].search(self.html, start, stop)
        is_measured = name == "table" and self.html.find('class="sd-value"', start, stop) >= 0
        if is_prose or not is_measured:
            with self._kept():
                if not is_prose and (name != "dl" or "sd-voices" in attributes):
                    self.target = self.current.words
                self.read(start, stop)
        return stop

    def _term(self, anchor: re.Match[str] | None, start: int, stop: int) -> int:
        """Begin a section with a term that has an address; read another one like the rest."""
        anchor = anchor or INNER_ID.match(self.html, start, stop)
        if anchor:
            self._begin(anchor[1], self._words(start, stop))
        else:
            self.read(start, stop)
        return stop

    def _begin(self, anchor: str, title: str) -> None:
        self.current = _Open(anchor, title)
        self.sections.append(self.current)
        self.target = self.current.text

    def _words(self, start: int, end: int) -> str:
        with self._kept():
            self.target = words = list[str]()
            self.read(start, end)
        return _plain(words)

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """Go on afterwards with the section that is current now."""
        current, target = self.current, self.target
        self.depth += 1
        yield
        self.depth -= 1
        self.current, self.target = current, target

    def _end(self, name: str, start: int, end: int) -> int:
        """Return where an element ends whose content begins at `start`; there if it is not closed."""
        if self.unclosed[name] == MOST_UNCLOSED:  # each costs a pass to the end of the page
            return start
        depth = 1
        for tag in _tags(name).finditer(self.html, start, end):
            depth += -1 if tag[1] else 1
            if depth == 0:
                return self.html.find(">", tag.end(), end) + 1 or end
        self.unclosed[name] += 1
        return start


@cache
def _tags(name: str) -> re.Pattern[str]:
    return re.compile(rf"<(/?){name}(?![\w-])")


def _is_left_out(attributes: str) -> bool:
    classes = CLASS.search(attributes)
    if classes and not CLASSES_LEFT_OUT.isdisjoint(classes[1].split()):
        return True
    return any(name in attributes for name in HIDDEN) and not HIDDEN.isdisjoint(VALUE.sub("", attributes).split())


def _plain(parts: list[str]) -> str:
    return " ".join(unescape("".join(parts)).split())
