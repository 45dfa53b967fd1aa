"""Splits a document into passages: sentences, table rows, list items, entries of BibTeX and RIS."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html.parser import HTMLParser

INLINE = re.compile(  # every other element begins a block
    r"a|abbr|b|bd[io]|br|button|cite|code|data|del|dfn|em|font|i|img|ins|kbd|label|mark|q|s|samp|small|span|strike"
    r"|strong|su[bp]|t[dht]|time|u|var|wbr"
)
UNSEEN = frozenset({"script", "style", "template"})
ITEM = re.compile(r"\s{0,12}(?:[-*+•]|\d{1,3}[.)]|#{1,6}|>|\|)\s?")
DEFINITION = re.compile(r"\s{0,3}\[(?P<label>[^\]\n]{1,80})\]:\s")
ENTRY = re.compile(r"\s*@[A-Za-z]+\s*[{(]")
SENTENCE_END = re.compile(r"[.!?][\"”’)\]*_]*(?:\[\^[^\]\s]{1,80}\])*\s+(?=[\"“(\[*_]*[A-Z])")
ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|vs|approx|cf|ca|resp|[Ff]ig|[Nn]o|[A-Z]))\.$")
LONGEST_ABBREVIATION = 10  # characters
TEX = (
    (re.compile(r"\\([&%#_$])"), r"\1"),
    (re.compile(r"\\(?:text)?mu(?:\{\})?\s?"), "µ"),
    (re.compile(r"\\times(?:\{\})?"), "×"),
    (re.compile(r"\\[,;: ]|~"), " "),
    (re.compile(r"[{}$]"), ""),
)


@dataclass(frozen=True)
class Passage:
    """`text` begins on `line`, counted from 1."""

    line: int
    text: str


def passages(text: str, name: str) -> tuple[Passage, ...]:
    """Return the passages of a document; its name and start show whether it is HTML, TeX or plain text."""
    start = text[:200].lstrip().lower()
    if name.lower().endswith((".html", ".htm", ".xhtml")) or start.startswith(("<!doctype html", "<html")):
        return tuple(sentence for block in _html_blocks(text) for sentence in _sentences(block))
    tex = name.lower().endswith((".bib", ".tex"))
    return tuple(_with_definitions([part for block in _text_blocks(text) for part in _sentences(block, tex)]))


def _text_blocks(text: str) -> Iterator[Passage]:
    """Yield paragraphs, rows and items; an entry of BibTeX is one block up to its closing brace."""
    block: list[str] = []
    start, depth = 1, 0
    for number, line in enumerate(text.split("\n"), 1):
        begins = ENTRY.match(line) or (depth <= 0 and (not line.strip() or ITEM.match(line) or DEFINITION.match(line)))
        if begins and block:
            yield Passage(start, "\n".join(block))
            block, depth = [], 0
        if not line.strip() and not block:
            continue
        if not block:
            start = number
        block.append(line)
        if ENTRY.match(block[0]):
            depth += line.count("{") - line.count("}")
    if block:
        yield Passage(start, "\n".join(block))


def _sentences(block: Passage, tex: bool = False) -> Iterator[Passage]:
    """Yield the sentences of a block; entries for reference managers are not split."""
    if ENTRY.match(block.text):
        yield Passage(block.line, plain_tex(block.text))
        return
    text = plain_tex(block.text) if tex else block.text
    start, line = 0, block.line
    if not text.startswith("TY  - "):
        for end in SENTENCE_END.finditer(text):
            if not ABBREVIATION.search(text, max(0, end.start() - LONGEST_ABBREVIATION), end.start() + 1):
                yield Passage(line, text[start : end.end()])
                line += text.count("\n", start, end.end())
                start = end.end()
    if text[start:].strip():
        yield Passage(line, text[start:])


def plain_tex(text: str) -> str:
    """Return the text with common TeX commands replaced by what they print."""
    for pattern, printed in TEX:
        text = pattern.sub(printed, text)
    return text


def _with_definitions(parts: list[Passage]) -> Iterator[Passage]:
    """Append footnotes and link targets to each sentence that refers to them; yield unused ones last."""
    definitions = {match["label"]: passage for passage in parts if (match := DEFINITION.match(passage.text))}
    used: set[str] = set()
    defining = set(definitions.values())
    for passage in parts:
        if passage in defining:
            continue
        labels = [label for label in re.findall(r"\[([^\]\n]{1,80})\]", passage.text) if label in definitions]
        used.update(labels)
        yield replace(passage, text=" ".join([passage.text, *(definitions[label].text for label in labels)]))
    yield from (passage for label, passage in definitions.items() if label not in used)


def _html_blocks(text: str) -> list[Passage]:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    reader.end_block()
    return reader.blocks


class _Reader(HTMLParser):
    """Collects the text of blocks, with the address of each link after its words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Passage] = []
        self.parts: list[str] = []
        self.line = 1
        self.begun = False  # whether a part of the block has words
        self.unseen = 0
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not INLINE.fullmatch(tag):
            self.end_block()
        self.unseen += tag in UNSEEN
        if tag == "a":
            self.targets.append(dict(attrs).get("href") or "")
        elif tag in ("br", "td", "th"):
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self.unseen -= tag in UNSEEN and self.unseen > 0
        if tag == "a" and self.targets:
            self.parts.append(f" <{self.targets.pop()}> ")
            self.begun = True
        if not INLINE.fullmatch(tag):
            self.end_block()

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            if not self.begun:
                self.line = self.getpos()[0] + data[: len(data) - len(data.lstrip())].count("\n")
            self.parts.append(data)
            self.begun = self.begun or bool(data.strip())

    def end_block(self) -> None:
        lines = (line.strip() for line in "".join(self.parts).split("\n"))  # in one pass, however many blanks there are
        text = " ".join(filter(None, lines))
        if text:
            self.blocks.append(Passage(self.line, text))
        self.parts, self.begun = [], False
