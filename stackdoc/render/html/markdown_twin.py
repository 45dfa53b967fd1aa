"""Convert a page's HTML to Markdown with the measured values as text, for readers without a browser."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

from stackdoc.render.html.element import VOID

Attributes = dict[str, str | None]
LEFT_OUT = {"script", "style", "button", "select", "template", "noscript", "title", "annotation"}
NOT_READ = {"headerlink", "sd-svg--narrow", "sd-locator", "sd-copy"}
BLOCKS = {"p", "div", "section", "article", "figure", "figcaption", "details", "dl", "nav", "dt", "summary", "caption"}
COSTLY = re.compile(r"(?P<svg><svg\b[^>]*>).*?</svg>|<pre\b.*?</pre>", re.DOTALL)
MARKS = {"strong": "**", "b": "**", "em": "*", "i": "*", "cite": "*", "dt": "**", "summary": "**", "caption": "**"}


@dataclass
class Frame:
    """An open element: its content so far, the cells of a row, the rows of a table."""

    tag: str
    attributes: Attributes
    parts: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)

    def has(self, *names: str) -> bool:
        return not set(names).isdisjoint((self.attributes.get("class") or "").split())


def markdown(html: str) -> str:
    """Return the page as Markdown.

    Hidden elements are left out, a figure becomes its label and its table, and a number in running text is followed by
    its machine and its record.
    """
    reader = _Reader()
    reader.feed(COSTLY.sub(simplified, html))
    reader.close()
    text = re.sub(r"[ \t]+\n", "\n", "".join(reader.open[0].parts))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def simplified(part: re.Match[str]) -> str:
    """Strip the shapes of a picture and the colours of code: most of a page's tags, none of its text."""
    return f"{part['svg']}</svg>" if part["svg"] else re.sub(r"</?span\b[^>]*>", "", part[0])


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Frame("", {})]
        self.nested: Counter[str] = Counter()  # how many elements of each name are open
        self.source = ""  # machine and record of the number just read

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag not in VOID:
            self.open.append(Frame(tag, attributes))
            self.nested[tag] += 1
        elif tag == "br":
            self.open[-1].parts.append(" ")
        elif tag == "hr":
            self.open[-1].parts.append("\n\n---\n\n")
        elif tag == "img" and attributes.get("alt"):
            self.open[-1].parts.append(f"*Picture: {escaped(str(attributes['alt']))}*")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag, attrs  # only shapes of pictures close themselves

    def handle_data(self, data: str) -> None:
        literal = bool(self.nested["pre"])
        in_code = literal or self.open[-1].tag == "code"
        words = data if literal else re.sub(r"\s+", " ", data.replace("\u00a0", " "))
        self.open[-1].parts.append(words if in_code else escaped(words))

    def handle_endtag(self, tag: str) -> None:
        if not self.nested[tag]:
            return
        frame = self._closed()
        while frame.tag != tag:  # HTML allows some end tags to be left out
            self.open[-1].parts += frame.parts
            frame = self._closed()
        if tag in LEFT_OUT or "hidden" in frame.attributes or frame.has(*NOT_READ):
            return
        written = self.written(frame, "".join(frame.parts))
        self.open[-1].parts.append(written)

    def _closed(self) -> Frame:
        frame = self.open.pop()
        self.nested[frame.tag] -= 1
        return frame

    def written(self, frame: Frame, inner: str) -> str:
        """Return the Markdown of a complete element."""
        tag = frame.tag
        if tag in ("td", "th", "tr"):
            return self.tabled(frame, inner)
        if tag == "table":
            return table(frame.rows, inner)
        if tag == "svg":
            label = frame.attributes.get("aria-label")
            return f"\n\n*Figure: {escaped(label)}*\n\n" if label else ""
        if tag == "math":
            return f"`{frame.attributes.get('alttext') or inner.strip()}`"
        if tag == "data":
            self.source = source(frame.attributes)
            return inner
        if tag == "a":
            return self.linked(frame, inner)
        return inner if tag in MARKS and self.nested[tag] else styled(tag, inner)  # nested emphasis adds nothing

    def tabled(self, frame: Frame, inner: str) -> str:
        outer = "tr" if frame.tag in ("td", "th") else "table"
        target = next((parent for parent in reversed(self.open) if parent.tag == outer), None)
        if target is None:
            return inner
        if outer == "tr":
            target.cells.append(" ".join(inner.split()).replace("|", "\\|"))
        else:
            target.rows.append(frame.cells)
        return ""

    def linked(self, frame: Frame, inner: str) -> str:
        address, words = frame.attributes.get("href"), inner.strip()
        if frame.has("sd-measured"):
            return f"{inner} ({self.source})" if not any(parent.tag == "table" for parent in self.open) else inner
        return f"[{words}]({address})" if address and words and "\n" not in words else inner


def source(attributes: Attributes) -> str:
    machine, record = attributes.get("data-machine"), attributes.get("data-record")
    return f"{escaped(machine or '')}, record {escaped(record)}" if record else ""


def code_span(text: str) -> str:
    """Return the text between backticks, as many as it takes."""
    ticks = "`" * (longest_run(text) + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{space}{text}{space}{ticks}"


def longest_run(text: str) -> int:
    """Return the length of the longest run of backticks."""
    return max(map(len, re.findall("`+", text)), default=0)


def styled(tag: str, inner: str) -> str:
    """Return the element in Markdown's markup; its content alone where Markdown has none."""
    content = inner.strip()
    if not content:
        return " " if inner else ""
    if re.fullmatch("h[1-6]", tag):
        return f"\n\n{'#' * int(tag[1])} {' '.join(content.split())}\n\n"
    if tag == "pre":
        fence = "`" * max(3, longest_run(inner) + 1)
        return f"\n\n{fence}\n{inner.strip(chr(10))}\n{fence}\n\n"
    if tag == "code":
        return inner if "\n" in inner else code_span(inner)
    if tag in ("ul", "ol"):
        return f"\n\n{content}\n\n"
    if tag in ("li", "dd"):
        mark = "- " if tag == "li" else ": "
        return f"\n{mark}{content.replace(chr(10), chr(10) + '  ')}"
    if tag in ("sup", "sub") and not content.startswith("["):  # a footnote's number is a link
        return f"{'^' if tag == 'sup' else '_'}{content}"
    if tag == "blockquote":
        return "\n\n> " + re.sub(r"\n+", "\n> ", content) + "\n\n"
    mark = MARKS.get(tag, "")
    if tag in BLOCKS:
        return f"\n\n{mark}{content}{mark}\n\n"
    return f"{mark}{content}{mark}" if mark else inner


def table(rows: list[list[str]], caption: str) -> str:
    """Return a Markdown table; short rows are padded, the first is the header."""
    width = max((len(row) for row in rows), default=0)
    if not width:
        return caption
    lines = [f"| {' | '.join([*row, *[''] * (width - len(row))])} |" for row in rows]
    return "\n\n".join(["", caption.strip(), "\n".join([lines[0], f"|{' --- |' * width}", *lines[1:]]), ""])


def escaped(text: str) -> str:
    """Escape what Markdown would read as an element."""
    return text.replace("&", "&amp;").replace("<", "&lt;")
