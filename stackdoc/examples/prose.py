"""Text of scripts as Markdown: titles, and what of reStructuredText galleries use in comments and docstrings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackdoc.errors import capitalised

UNDERLINE = re.compile(r"([=\-~^\"'*+#.:_`])\1{2,}")
ROLE = re.compile(r":(?:[a-z]+:){0,3}([a-z]+):`([^`]+)`")
LINK = re.compile(r"`([^`<]+)<(https?://[^>`]+)>`_{1,2}")
DIRECTIVE = re.compile(r"\.\. (?P<name>[a-z-]+(?::[a-z-]+)?)::\s*(?P<given>.*)")
LABEL = re.compile(r"\.\. (_[^:]+:|\[|[^:]*$)")
NOTES = {"note", "warning", "tip", "important", "seealso", "admonition", "hint", "caution", "danger", "attention"}
CODE = {"code-block", "code", "sourcecode", "prompt"}


class Prose:
    """The text of one script: its first style of heading is that of the title, the next the level below, and so on."""

    def __init__(self) -> None:
        self._styles: list[str] = []

    def titled(self, docstring: str) -> tuple[str, str]:
        """The title of a docstring, which is its first line, and the text below it as Markdown."""
        lines = docstring.strip().split("\n")
        if len(lines) > 2 and UNDERLINE.fullmatch(lines[0].strip()):
            lines = lines[1:]
        title = re.sub(r"^#+\s+", "", lines[0]).strip()
        rest = lines[1:]
        if rest and UNDERLINE.fullmatch(rest[0].strip()):
            self._styles.append(rest.pop(0).strip()[0])
        return unmarked(title).rstrip("."), self.markdown("\n".join(rest))

    def markdown(self, text: str) -> str:
        """The text as Markdown; Markdown itself stays as it is, but for headings by underlines."""
        return "\n".join(self._lines(text.split("\n"))).strip("\n")

    def _lines(self, lines: list[str]) -> Iterator[str]:
        at = 0
        while at < len(lines):
            line, below = lines[at], lines[at + 1].strip() if at + 1 < len(lines) else ""
            if directive := DIRECTIVE.match(line.strip()):
                block, at = _indented(lines, at + 1)
                yield from self._directive(directive["name"], directive["given"], block)
            elif LABEL.match(line):
                _, at = _indented(lines, at + 1)
            elif UNDERLINE.fullmatch(line.strip()) and at + 2 < len(lines) and lines[at + 2].strip() == line.strip():
                at += 1  # a line above a heading, which has the same one below
            elif line.strip() and UNDERLINE.fullmatch(below) and 2 * len(below) >= len(line.strip()):
                yield f"{'#' * self._level(below[0])} {_inline(line.strip())}"
                at += 2
            else:
                yield _inline(re.sub(r"(?<=\S)::$", ":", line))
                at += 1

    def _level(self, style: str) -> int:
        if style not in self._styles:
            self._styles.append(style)
        return min(max(self._styles.index(style) + 1, 2), 6)

    def _directive(self, name: str, given: str, block: list[str]) -> Iterator[str]:
        """Code, formulas and notes; what only another engine can make is left out."""
        content = [line for line in block if not re.match(r":[a-z-]+:", line)]
        text = "\n".join(content).strip("\n")
        if name in CODE:
            yield f"```{given}\n{text}\n```"
        elif name == "math":
            yield f"$$\n{given or text}\n$$"
        elif name in NOTES:
            said = "\n".join(filter(None, [given, self.markdown(text)]))
            yield f"> **{name.capitalize()}:** " + said.replace("\n", "\n> ")
        elif name in ("topic", "rubric"):
            yield "\n\n".join(filter(None, [f"**{given}**", self.markdown(text)]))
        yield ""


def _indented(lines: list[str], at: int) -> tuple[list[str], int]:
    """The lines from there that are indented or blank, without the indent, and where they end."""
    end = at
    while end < len(lines) and (not lines[end].strip() or lines[end].startswith((" ", "\t"))):
        end += 1
    block = [line.expandtabs() for line in lines[at:end]]
    indent = min((len(line) - len(line.lstrip()) for line in block if line.strip()), default=0)
    return [line[indent:] for line in block], end


def _inline(line: str) -> str:
    return LINK.sub(lambda link: f"[{link[1].rstrip()}]({link[2]})", ROLE.sub(_role, line))


def _role(found: re.Match[str]) -> str:
    """A formula, the words of a link, or the last part of a name as code."""
    name, text = found.groups()
    if name == "math":
        return f"${text}$"
    words = re.sub(r"\s*<[^>]*>$", "", text)
    if name in ("ref", "doc", "term", "download", "any", "gh", "issue", "pep", "rfc", "user"):
        return words
    return f"`{words.lstrip('!').rpartition('.')[2] if words.startswith('~') else words.lstrip('!')}`"


def unmarked(text: str) -> str:
    """A title without roles and backticks."""
    return re.sub(r"`+", "", _inline(text))


def name_as_title(stem: str) -> str:
    """A title from the name of a file: `plot_two_waves` is `Two waves`."""
    words = re.sub(r"^(plot|run)_(?=.)", "", stem).replace("_", " ").replace("-", " ").strip() or stem
    return capitalised(words)
