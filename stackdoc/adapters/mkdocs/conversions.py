"""Pages as earlier builds converted them: one that would come out the same again is not parsed.

Besides its text, a page depends on what it asked of the site, by fences, roles and words to link, and on the files that
its links lead to. Each conversion is stored with these questions and the digests of the answers. A later build asks
them again: with the same answers, the same text becomes the same page.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass
from functools import cache, partial
from importlib.metadata import version
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink, get_toc

from stackdoc.adapters.addresses import Addresses
from stackdoc.adapters.markdown import Answer, StackdocExtension
from stackdoc.adapters.mkdocs.described import Undescribable, described
from stackdoc.adapters.rendered import code_digest
from stackdoc.errors import StackdocError
from stackdoc.project import CONVERSIONS
from stackdoc.render.cache import TextCache, digest
from stackdoc.render.domain import domain
from stackdoc.render.fences.roles import UNCACHEABLE
from stackdoc.site.site import Site

log = logging.getLogger("mkdocs.structure.pages")  # which reports faulty links
ASKED_AGAIN = {"fence", *UNCACHEABLE}  # though the data are the same: fences write files, and others read some
CONVERTERS = ("markdown", "pymdown-extensions")
OF_MARKDOWN = frozenset(
    [
        "abbr", "admonition", "attr_list", "codehilite", "def_list", "extra", "fenced_code", "footnotes",
        "legacy_attrs", "legacy_em", "md_in_html", "meta", "nl2br", "sane_lists", "smarty", "tables", "toc",
        "wikilinks",
    ]
)  # fmt: skip
READING = frozenset({"pymdownx.b64", "pymdownx.pathconverter", "pymdownx.snippets"})  # they read files


@dataclass(frozen=True)
class Conversion:
    """What MkDocs has of a converted page, and what it was made from besides the text.

    `site` is the digest of the site. `files` are the files that links asked for, by path, and None if there was none.
    `links` are the anchors that the page links to, by the file that has them.
    """

    site: str
    answers: list[list[Any]]
    files: dict[str, str | None]
    used: bool
    content: str
    title: str | None
    toc: list[dict[str, Any]]
    anchors: list[str]
    links: dict[str, dict[str, str]] | None


class SeenFiles:
    """The files of a build, and those that a page has asked for."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.seen: dict[str, str | None] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.files, name)

    def get_file_from_path(self, path: str) -> File | None:
        self.seen[path] = _place(file := self.files.get_file_from_path(path))
        return file


class Conversions:
    """Converts the pages of one build, or takes them from an earlier one."""

    def __init__(
        self, site: Site, site_digest: str, extension: StackdocExtension, addresses: Addresses, config: MkDocsConfig
    ) -> None:
        self.site, self.site_digest = site, site_digest
        self.extension, self.addresses, self.config = extension, addresses, config
        self.converted = 0  # pages that were parsed in this build

    def render(self, page: Page, config: MkDocsConfig, files: Files) -> None:
        """Do what `Page.render` does."""
        cache, request = self.cache(), self.request(page)
        stored = cache.get(request) if cache else None
        conversion = Conversion(**json.loads(stored)) if stored is not None else None
        if cache and conversion and self.is_current(conversion, files):
            _put(page, conversion, files)
            self.extension.used = conversion.used
            if conversion.site == self.site_digest:
                return
        else:
            conversion = self.convert(page, config, files)
        if cache and conversion:
            cache.put(request, json.dumps({**asdict(conversion), "site": self.site_digest}))

    def convert(self, page: Page, config: MkDocsConfig, files: Files) -> Conversion | None:
        """Parse the page; None if anything was reported, since that must be reported by the next build too."""
        self.converted += 1
        self.extension.answers, self.extension.used = [], False
        faults, seen = len(self.extension.problems or ()), SeenFiles(files)
        with _messages() as messages:
            type(page).render(page, config, seen)  # type: ignore[arg-type]
        if messages or len(self.extension.problems or ()) > faults:
            return None
        return Conversion(
            self.site_digest,
            [list(astuple(answer)) for answer in self.extension.answers],
            seen.seen,
            self.extension.used,
            page.content or "",
            page._title_from_render,
            [token(item) for item in page.toc],
            sorted(page.present_anchor_ids or ()),
            None if page.links_to_anchors is None else {to.src_uri: of for to, of in page.links_to_anchors.items()},
        )

    def is_current(self, conversion: Conversion, files: Files) -> bool:
        """Whether the page's links lead to the same files, and the site answers its questions as before."""
        if any(_place(files.get_file_from_path(path)) != place for path, place in conversion.files.items()):
            return False
        faults = len(self.extension.problems or ())
        same_site = conversion.site == self.site_digest
        asked = [Answer(*answer) for answer in conversion.answers]
        try:
            now = self.asked_again([answer for answer in asked if not same_site or answer.kind in ASKED_AGAIN])
            is_same = all(before.digest == after for before, after in now)
        except StackdocError:  # reported when the page is converted
            is_same = False
        return is_same and len(self.extension.problems or ()) == faults

    def asked_again(self, answers: Iterable[Answer]) -> Iterator[tuple[Answer, str]]:
        """Yield each answer with the digest of what the site answers now; the files of fences are written."""
        extension, marker = self.extension, domain(self.site).marker(self.site, self.extension.file)
        for answer in answers:
            if answer.kind == "fence":
                yield answer, digest(extension.fence(answer.text, extension.file, answer.line))
            elif answer.kind == "marker":
                yield answer, digest(str(marker is not None))
            elif answer.kind == "words":
                yield answer, digest(repr(marker(answer.text)) if marker else "")
            else:
                html = extension.role(answer.kind, answer.text, extension.file, partial(int, answer.line))
                yield answer, digest(html)

    def request(self, page: Page) -> str:
        """Return what identifies the conversion: the page and its text."""
        place = (page.file.src_uri, page.file.url, self.extension.file, str(self.extension.line_offset))
        return "\n".join([*place, page.markdown or ""])

    def cache(self) -> TextCache | None:
        """Return the cache for the settings as they are now; None if an extension may do what we do not know."""
        extension, config = self.extension, self.config
        listed: list[Any] = config.markdown_extensions
        others = [name for name in listed if name is not extension]
        if not all(_is_known(name) for name in others):
            return None
        try:
            settings = [
                described(others),
                described(dict(config.mdx_configs or {})),
                described(config.validation),
                str(log.getEffectiveLevel()),
                str(config.use_directory_urls),
                described([extension.whole, extension.roles, sorted(domain(self.site).roles)]),
                described([self.addresses.prefix, self.addresses.files]),
            ]
        except Undescribable:
            return None
        made_by = digest(code_digest(), _converters(), *settings)
        return TextCache(self.site.root, CONVERSIONS, made_by)


@cache
def _converters() -> str:
    return digest(*(f"{name} {version(name)}" for name in CONVERTERS))


def _is_known(extension: object) -> bool:
    """Whether the extension makes the same of the same text: it reads no files and collects nothing."""
    if not isinstance(extension, str):
        return False
    name = extension.removeprefix("markdown.extensions.").partition(":")[0]
    return name in OF_MARKDOWN or (name.startswith("pymdownx.") and name not in READING)


def _place(file: File | None) -> str | None:
    return None if file is None else f"{file.src_uri} {file.url} {file.inclusion.name}"


def token(item: AnchorLink) -> dict[str, Any]:
    """Return an entry of the table of contents as `get_toc` reads it."""
    children = [token(child) for child in item.children]
    return {"name": item.title, "id": item.id, "level": item.level, "children": children}


def _put(page: Page, conversion: Conversion, files: Files) -> None:
    """Leave in the page what converting it leaves there."""
    page.content, page._title_from_render = conversion.content, conversion.title
    page.toc = get_toc(conversion.toc)  # type: ignore[arg-type]
    page.present_anchor_ids = set(conversion.anchors)
    if conversion.links is not None:
        by_file = {files.get_file_from_path(path): anchors for path, anchors in conversion.links.items()}
        page.links_to_anchors = {file: anchors for file, anchors in by_file.items() if file is not None}


@contextmanager
def _messages() -> Iterator[list[str]]:
    """Collect what is reported in the meantime."""
    messages: list[str] = []

    class Listening(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            messages.append(record.getMessage())

    handler = Listening(logging.INFO)
    logs = [logging.getLogger(name) for name in ("", "mkdocs")]  # the command of MkDocs separates them
    for logger in logs:
        logger.addHandler(handler)
    try:
        yield messages
    finally:
        for logger in logs:
            logger.removeHandler(handler)
