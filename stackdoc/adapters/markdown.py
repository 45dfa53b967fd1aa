"""The Python-Markdown extension: fences and roles become HTML. It reads a site and starts nothing."""

from __future__ import annotations

import re
import textwrap
import xml.etree.ElementTree as etree
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

from stackdoc.adapters.addresses import Addresses
from stackdoc.adapters.registered import load_site
from stackdoc.adapters.rendered import Rendered, site_cache
from stackdoc.errors import Problem, StackdocError
from stackdoc.records.current import HERE
from stackdoc.render.cache import digest
from stackdoc.render.domain import Marker, domain
from stackdoc.render.fences.block import fence
from stackdoc.render.fences.nested import pieces
from stackdoc.render.fences.roles import WRITERS, role
from stackdoc.render.html.page import Assets
from stackdoc.site.site import Site

# After snippets (32) and normalised white space (30), before anything that reads fences (25).
BEFORE_FENCES = 27
BEFORE_BACKTICKS = 191
AFTER_INLINE = 6
LAST = -1
OF_OTHERS = frozenset({"cite", "math"})  # MyST and extensions of Markdown have roles of these names
RUNNING_TEXT = {"p", "li", "dd"}
NOT_TEXT = {"a", "abbr", "code", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "math", "svg"}

_FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<mark>`{3,}(?!`)|~{3,}(?!~))(?P<info>[^`]*)$")
_QUOTED = re.compile(r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*>[> \t]*(?:`{3,}|~{3,})[ \t]*stackdoc[ \t]*$")
# One pattern for roles and code spans: whichever opens first takes its text, so that a role quoted
# in a code span stays a quotation. The span itself is left to the processors of code spans.
_ROLE = (
    r"(?<!\\)\{(?P<role>[a-z]+)\}`(?P<text>[^`]+)`(?!`)"
    r"|(?<!\\)(?:\\\\)*(?P<ticks>`+).+?(?<!`)(?P=ticks)(?!`)"
)
_SPAN = re.compile(r"(`+).+?(?<!`)\1(?!`)", re.DOTALL)
_TEMPLATE = re.compile(r"\{\{|\{%")
_LINK = re.compile(r"<a\b(?P<attributes>[^>]*?)\s+href=\"/(?!/)[^\"]*\"(?P<more>[^>]*)>(?P<content>.*?)</a>", re.DOTALL)
MARKS = "<!--sd-page-->", "<!--/sd-page-->"  # around the content of a staged page
MARKED = re.compile("(.*?)".join(MARKS), re.DOTALL)


@dataclass(frozen=True)
class Answer:
    """What a page asked of the site, and the digest of the answer: a conversion with the same answers is the same.

    `kind` is `fence`, the name of a role, `words` for words to link in a text, or `marker` for whether there are any.
    """

    kind: str
    text: str
    line: int
    digest: str


@dataclass(frozen=True)
class FenceBlock:
    """A fence `stackdoc` in the text: lines `start` to `end`, counted from 0, both included.

    With a `fault` Markdown does not read it as a fence, so its text would be published.
    """

    start: int
    end: int
    indent: str
    body: str
    fault: str = ""


def blocks(lines: list[str]) -> Iterator[FenceBlock]:
    """Yield the fences `stackdoc` of a page, in order, except those quoted in a longer fence and those in a comment."""
    return (block for block in _fences(lines) if not block.fault)


def faulty_blocks(lines: list[str]) -> Iterator[FenceBlock]:
    """Yield the fences `stackdoc` that are never closed or in a block quote."""
    return (block for block in _fences(lines) if block.fault)


def _fences(lines: list[str]) -> Iterator[FenceBlock]:
    mark, start, indent, ours, commented = "", 0, "", False, False
    last_end = max((number for number, text in enumerate(lines) if "-->" in text), default=0)  # of a comment
    for number, text in enumerate(lines):
        if commented:
            commented = "-->" not in text
            continue
        found = _FENCE.match(text)
        if not found:
            if not mark and _QUOTED.match(text):
                yield FenceBlock(number, number, "", "", "a fence can't be in a block quote")
            commented = not mark and number < last_end and opens_comment(text)
        elif not mark:
            mark, start, indent = found["mark"], number, found["indent"]
            ours = found["info"].strip() == "stackdoc"
        elif found["mark"].startswith(mark) and not found["info"].strip():
            if ours:
                yield FenceBlock(start, number, indent, textwrap.dedent("\n".join(lines[start + 1 : number])))
            mark = ""
    if mark and ours:
        yield FenceBlock(start, len(lines) - 1, indent, "", f"the fence is never closed by {mark}")


def opens_comment(text: str) -> bool:
    """Whether an HTML comment begins in the text, outside of code spans, and does not end in it."""
    return "<!--" in text and "<!--" in _SPAN.sub("", text).rpartition("-->")[2]


class StackdocExtension(Extension):
    """The extension. Options: `root`, the project's directory; `file`, the page's path for messages; `machine`, whose
    figures come first; `staged`, whether the site has our generated pages, so that fragments may link to them.

    A host that has a site already sets `site`, `file`, `line_offset` and `fitted` for each page, resets `used` and
    `answers`, and reads `problems`. Without a host, the site is loaded at the first page and a problem is raised.
    A host that is `early` converts pages before other plugins have filled their templates; these are left out.
    """

    def __init__(self, **options: Any) -> None:
        self.config = {
            "root": [".", "the project's directory"],
            "file": ["", "the page, for messages"],
            "machine": [HERE, "the machine whose figures come first"],
            "staged": [False, "whether the site has our generated pages"],
        }
        self.is_alone = False  # whether no host has set the site
        self.site: Site | None = None
        self.rendered = Rendered()
        self.file = ""
        self.line_offset = 0
        self.problems: list[Problem] | None = None
        self.fitted: Callable[[str], str] = str  # fits a fragment to the page that it appears on
        self.used = False  # whether the page has a fence or a role of ours
        self.answers: list[Answer] = []  # what the site answered to the page
        self.roles: Set[str] | None = None  # the roles that are ours, None for the default
        self.whole = True  # whether words are linked on every page, not only where ours is used
        self.early = False
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:
        md.preprocessors.register(FencePreprocessor(md, self), "stackdoc_fence", BEFORE_FENCES)
        md.inlinePatterns.register(RoleProcessor(md, self), "stackdoc_role", BEFORE_BACKTICKS)
        md.treeprocessors.register(TermProcessor(md, self), "stackdoc_terms", AFTER_INLINE)
        if self.getConfig("staged"):
            md.preprocessors.register(MarkPreprocessor(md), "stackdoc_marks", LAST)

    def loaded(self) -> Site:
        if self.site is None:
            self.is_alone = True
            root, machine = Path(self.getConfig("root")).resolve(), str(self.getConfig("machine"))
            self.site, self.rendered = read_once(root, machine, bool(self.getConfig("staged")))
        return self.site

    def fit(self, html: str, md: Markdown) -> str:
        """Return a fragment as it appears on the page; without a host and a stage its links would lead nowhere."""
        if not self.is_alone:
            return self.fitted(html)
        if not self.getConfig("staged"):
            return _LINK.sub(r"<span\g<attributes>\g<more>>\g<content></span>", html)
        return Addresses(self.loaded().layout.prefix).relative(html, base_of(source_of(md)))

    def knows(self, role: str) -> bool:
        """Whether a role of that name is ours; others are left to other extensions."""
        hooks = domain(self.loaded())
        if self.roles is not None:
            return role in self.roles and (role in WRITERS or role in hooks.roles)
        return role in hooks.roles or (role in WRITERS and (bool(hooks.roles) or role not in OF_OTHERS))

    def page(self, md: Markdown) -> str:
        """Return the page's file: from Zensical's context, from the host, or from the option."""
        if path := source_of(md):
            return f"{self.loaded().layout.docs}/{path}"
        return self.file or str(self.getConfig("file"))

    def fence(self, body: str, file: str, line: int) -> str:
        """Return the HTML of a fence whose body starts at `line` of `file`. Raises StackdocError."""

        def made(assets: Assets) -> str:
            without_files = self.is_alone and not self.getConfig("staged")
            return fence(self.loaded(), body, file, line, None if without_files else assets)

        request = self.request("fence", body, file)  # reads the site
        html = self.rendered.once(request, made)
        self.answers.append(Answer("fence", body, line, digest(html)))
        return html

    def role(self, name: str, text: str, file: str, line: Callable[[], int]) -> str:
        """Return the HTML of a role; `line` finds where it begins, if it was not rendered yet. Raises StackdocError."""
        found = 0

        def made(_: Assets) -> str:
            nonlocal found
            found = line()
            return role(self.loaded(), name, text, file, found)

        request = self.request(name, text, file)
        html = self.rendered.once(request, made, cacheable=False)
        self.answers.append(Answer(name, text, found, digest(html)))
        return html

    def marker(self, file: str) -> Marker | None:
        """Return what finds the words to link on the page, None if no words are linked."""
        find = domain(self.loaded()).marker(self.loaded(), file)
        self.answers.append(Answer("marker", "", 0, digest(str(find is not None))))

        def found(text: str) -> list[tuple[int, int, str]]:
            marks = find(text) if find else []
            if text.strip():
                self.answers.append(Answer("words", text, 0, digest(repr(marks))))
            return marks

        return found if find else None

    def is_cached(self, body: str) -> bool:
        """Whether the fence depends on the data of the site alone, so that it was cached with them."""
        return self.rendered.cache is not None and self.rendered.cache.has(self.request("fence", body, self.file))

    def request(self, name: str, text: str, file: str) -> str:
        """Return the text of a fence or role, with the page if the same text may mean something else on another."""
        return "\n".join((name, text, *([file] if domain(self.loaded()).local(text) else [])))

    def count_front_matter(self, md: Markdown, lines: list[str]) -> None:
        """Set `line_offset` if an engine has removed the front matter; Markdown adds two lines to normalised text."""
        if (path := source_of(md)) and any("stackdoc" in line or "}`" in line for line in lines):
            layout = self.loaded().layout
            file = layout / layout.docs / path
            written = file.read_text("utf-8-sig").count("\n") if file.is_file() else 0
            self.line_offset = max(0, written - (len(lines) - 3))

    def failed(self, error: StackdocError) -> str:
        """Keep the problems for the host, and return what the page has in the meantime."""
        if self.problems is None:
            raise error
        self.problems.extend(error.problems)
        return '<p class="sd-problem">not rendered</p>'

    def takes(self, text: str) -> bool:
        """Whether the text of a fence or role is rendered now; the page counts as using ours in any case."""
        self.used = True
        return not (self.early and _TEMPLATE.search(text))


class MarkPreprocessor(Preprocessor):
    """Marks where the content of a staged page begins and ends."""

    def run(self, lines: list[str]) -> list[str]:
        begin, end = map(self.md.htmlStash.store, MARKS)
        return [begin, "", *lines, "", end]


class FencePreprocessor(Preprocessor):
    """Replaces each fence by a placeholder; Markdown inside it goes between several, and becomes the page's.

    The replacement has at least as many lines. The original lines are kept, to find the line of a role.
    """

    def __init__(self, md: Markdown, extension: StackdocExtension) -> None:
        super().__init__(md)
        self.extension = extension
        self.lines: list[str] = []

    def run(self, lines: list[str]) -> list[str]:
        self.lines = list(lines)
        self.extension.count_front_matter(self.md, lines)
        result = list(lines)
        made = [(block, self.replaced(block)) for block in blocks(lines) if self.extension.takes(block.body)]
        for block, instead in reversed(made):
            height = block.end - block.start + 1
            result[block.start : block.end + 1] = [*instead, *[""] * (height - len(instead))]
        return result

    def replaced(self, block: FenceBlock) -> list[str]:
        """Return the lines that replace the fence, its parts separated by empty lines."""
        html, *rest = pieces(self.html(block))
        found = ["", self.stashed(block, html)]
        for text, after in zip(rest[::2], rest[1::2], strict=True):
            written = [f"{block.indent}{line}" if line else "" for line in text.split("\n")]
            found += ["", *written, "", self.stashed(block, after)]
        return [*found, ""] if rest else found

    def stashed(self, block: FenceBlock, html: str) -> str:
        return block.indent + self.md.htmlStash.store(self.extension.fit(html, self.md))

    def html(self, block: FenceBlock) -> str:
        host = self.extension
        try:
            return host.fence(block.body, host.page(self.md), host.line_offset + block.start + 2)
        except StackdocError as error:
            return host.failed(error)

    def line_of(self, text: str) -> int:
        """Return the line on which a role begins, from 1; 0 if it is not in the source."""
        page = "\n".join(self.lines)
        found = re.search(r"[\s>]+".join(map(re.escape, text.split())), page)
        return page.count("\n", 0, found.start()) + 1 if found else 0


class RoleProcessor(InlineProcessor):
    """``{measured}`…` `` and other roles of ours; code spans and comments are left to other processors."""

    def __init__(self, md: Markdown, extension: StackdocExtension) -> None:
        super().__init__(_ROLE, md)
        self.extension = extension

    def handleMatch(  # type: ignore[override]
        self, m: re.Match[str], data: str
    ) -> tuple[etree.Element | str | None, int | None, int | None]:
        if not m["role"] or not self.extension.knows(m["role"]):
            return None, None, None
        commented = data.find("-->", m.end()) >= 0 and opens_comment(data[: m.start()])
        if commented or not self.extension.takes(m["text"]):
            return None, None, None
        return self.md.htmlStash.store(self.extension.fit(self.html(m), self.md)), m.start(), m.end()

    def html(self, m: re.Match[str]) -> str:
        host, name, text = self.extension, m["role"], " ".join(m["text"].split())
        lines = self.md.preprocessors["stackdoc_fence"]

        def line() -> int:
            return host.line_offset + int(lines.line_of(m[0]))  # type: ignore[attr-defined]

        try:
            return host.role(name, text, host.page(self.md), line)
        except StackdocError as error:
            return host.failed(error).replace("<p ", "<span ").replace("</p>", "</span>")


class TermProcessor(Treeprocessor):
    """Links the first use of each glossary term and of each system's name, except in headings and code."""

    def __init__(self, md: Markdown, extension: StackdocExtension) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, root: etree.Element) -> None:
        host = self.extension
        is_linked = host.site is not None and (host.whole or host.used)
        find = host.marker(host.page(self.md)) if is_linked else None
        if find is not None:
            self.mark(root, find, False)

    def mark(self, node: etree.Element, find: Marker, running: bool) -> None:
        if node.tag in NOT_TEXT:
            return
        inside = running or node.tag in RUNNING_TEXT
        if inside:
            node.text = self.linked(node.text or "", find)
        for child in node:
            self.mark(child, find, inside)
            if inside:
                child.tail = self.linked(child.tail or "", find)

    def linked(self, text: str, find: Marker) -> str:
        for start, end, html in reversed(find(text)):
            text = text[:start] + self.md.htmlStash.store(self.extension.fit(html, self.md)) + text[end:]
        return text


def source_of(md: Markdown) -> str:
    """Return the page's path below the pages from the context that Zensical gives to extensions; empty elsewhere."""
    pages = (getattr(processor, "page", None) for processor in md.preprocessors)
    return next((str(path) for page in pages if (path := getattr(page, "path", ""))), "")


def base_of(path: str) -> str:
    """Return the directory of a page, to which Zensical takes the addresses in it to be relative."""
    return path[: path.rfind("/") + 1]


READING = Lock()  # an engine may convert pages in several threads, and a site takes seconds to read


def read_once(root: Path, machine: str, staged: bool) -> tuple[Site, Rendered]:
    """Return the site of a project, and the cache of a stage: an engine may create an extension for each page."""
    with READING:
        return _read(root, machine, staged)


@cache
def _read(root: Path, machine: str, staged: bool) -> tuple[Site, Rendered]:
    site = load_site(root, machine)
    return site, Rendered(site_cache(site) if staged else None)


def makeExtension(**options: Any) -> StackdocExtension:
    return StackdocExtension(**options)
