"""Find the published pages that use a law, and the named calculations that others on the same page refer to."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from stackdoc.project import Layout
from stackdoc.reading.configuration import read_configuration
from stackdoc.reading.strict_yaml import parse
from stackdoc.reading.text import heading

FENCE = re.compile(r"^[ \t]*(?P<mark>`{3,}(?!`)|~{3,}(?!~))(?P<info>[^`]*)$")
ROLE = re.compile(r"(?<!`)\{calc\}`\s*([a-z0-9-]+)")
LAW = re.compile(r"(?m)^[ \t]*calc:[ \t]*[\"']?([a-z0-9-]+)|\blaw:\s*[\"']?([a-z0-9-]+)")
NAMED = re.compile(r"(?m)^as:")
EXCLUDED = (".*", "/templates/")  # what MkDocs itself never publishes


@dataclass(frozen=True)
class NamedCalculation:
    """A fence `calc` with the key `as`: its keys as written, in `file` from `line` to `last`."""

    file: str
    line: int
    keys: Mapping[str, object]
    last: int


@dataclass(frozen=True)
class Uses:
    """`by_law` maps the id of a law to the published pages of ours that use it: the path below
    the folder that is ours, and the title.

    `calculations` are by file and name.
    """

    by_law: Mapping[str, tuple[tuple[str, str], ...]]
    calculations: Mapping[tuple[str, str], NamedCalculation] = field(repr=False)


NO_USES = Uses({}, {})


def find_uses(layout: Layout) -> Uses:
    """Scan the hand-written pages. A file that can't be decoded is reported elsewhere.

    A draft or an excluded page does not count as a use, since no page can link to it.
    """
    by_law: dict[str, list[tuple[str, str]]] = {}
    calculations: dict[tuple[str, str], NamedCalculation] = {}
    docs, own, is_published = layout / layout.docs, layout / layout.own, published(layout)
    for path in sorted(docs.rglob("*.md")):
        text = path.read_text("utf-8-sig", "replace") if path.is_file() else ""
        if "calc" not in text:
            continue
        file, page = path.relative_to(layout.root).as_posix(), path.relative_to(docs).as_posix()
        prose, bodies = _split(text)
        title = heading(prose)
        laws = dict.fromkeys([*ROLE.findall(prose), *(law for *_, body in bodies for law in _laws(body))])
        for law in laws if path.is_relative_to(own) and is_published(page) else ():
            address = path.relative_to(own).as_posix()
            by_law.setdefault(law, []).append((address, title or address))
        for line, last, body in bodies:
            if NAMED.search(body) and (calculation := _named_calculation(file, line, last, body)):
                calculations.setdefault((file, str(calculation.keys["as"])), calculation)
    return Uses({law: tuple(pages) for law, pages in sorted(by_law.items())}, calculations)


def published(layout: Layout) -> Callable[[str], bool]:
    """Return a function that tells whether a page, by its path below `docs/`, is neither excluded nor a draft.

    Without pathspec, which MkDocs needs and the base install lacks, every page counts: nothing renders pages there.
    """
    try:
        from pathspec.gitignore import GitIgnoreSpec
    except ModuleNotFoundError:
        return lambda _: True
    unpublished = GitIgnoreSpec.from_lines([*EXCLUDED, *read_configuration(layout.root).unpublished])
    return lambda page: not unpublished.match_file(page)


def _laws(body: str) -> Iterator[str]:
    """Yield the laws of a fence `calc`, and of the roles in the text of any other fence."""
    yield from ROLE.findall(body)
    for fence_law, inner_law in LAW.findall(body):
        yield fence_law or inner_law


def _named_calculation(file: str, line: int, last: int, body: str) -> NamedCalculation | None:
    document = parse(file, body, [])
    keys = document.data if document else None
    return (
        NamedCalculation(file, line, keys, last) if isinstance(keys, dict) and "calc" in keys and "as" in keys else None
    )


def _split(text: str) -> tuple[str, list[tuple[int, int, str]]]:
    """Split a page into the text outside fences and the `stackdoc` fences: first line, last line, body.

    A fence quoted within a longer fence is neither.
    """
    prose: list[str] = []
    fences: list[tuple[int, int, str]] = []
    marker, is_stackdoc, start, body = "", False, 0, list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        fence = FENCE.match(line)
        if not marker and fence:
            marker, is_stackdoc, start, body = fence["mark"], fence["info"].strip() == "stackdoc", number, []
        elif marker and fence and fence["mark"].startswith(marker) and not fence["info"].strip():
            if is_stackdoc:
                fences.append((start, number, textwrap.dedent("\n".join(body))))
            marker = ""
        elif marker:
            body.append(line)
        else:
            prose.append(line)
    return "\n".join(prose), fences
