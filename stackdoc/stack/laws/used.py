"""Where the pages use laws: which law on which page, and the sums that later ones on the same page build on."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from stackdoc.project import Layout
from stackdoc.reading.strict_yaml import parse

FENCE = re.compile(r"^[ \t]*(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>[^`]*)$")
ROLE = re.compile(r"(?<!`)\{calc\}`\s*([a-z0-9-]+)")
LAW = re.compile(r"(?m)^\s*calc:\s*[\"']?([a-z0-9-]+)|\blaw:\s*[\"']?([a-z0-9-]+)")
TITLE = re.compile(r"(?m)^# (.+?)\s*(?:\{.*\})?$")
NAMED = re.compile(r"(?m)^as:")


@dataclass(frozen=True)
class NamedSum:
    """A fence `calc` with `as`: its keys as they are written, in `file` from `line` to `last`."""

    file: str
    line: int
    keys: Mapping[str, object]
    last: int


@dataclass(frozen=True)
class Used:
    """`by_law` are the pages that use a law, each with its source below the pages' folder and its title; `sums` are by
    (file, name)."""

    by_law: Mapping[str, tuple[tuple[str, str], ...]]
    sums: Mapping[tuple[str, str], NamedSum]


def used(layout: Layout) -> Used:
    """What the hand-written pages say; a file that can't be read says nothing here, and is refused elsewhere."""
    by_law: dict[str, list[tuple[str, str]]] = {}
    sums: dict[tuple[str, str], NamedSum] = {}
    docs = layout / layout.docs
    for path in sorted(docs.rglob("*.md")):
        text = path.read_text("utf-8-sig", "replace") if path.is_file() else ""
        if "calc" not in text:
            continue
        file, page = path.relative_to(layout.root).as_posix(), path.relative_to(docs).as_posix()
        prose, bodies = _parts(text)
        title = TITLE.search(prose)
        for law in dict.fromkeys([*ROLE.findall(prose), *(law for *_, body in bodies for law in _laws(body))]):
            by_law.setdefault(law, []).append((page, title[1] if title else page))
        for line, last, body in bodies:
            if NAMED.search(body) and (named := _named(file, line, last, body)):
                sums.setdefault((file, str(named.keys["as"])), named)
    return Used({law: tuple(pages) for law, pages in sorted(by_law.items())}, sums)


def _laws(body: str) -> Iterator[str]:
    """Those of a fence `calc`, and of roles in the text that another fence holds."""
    yield from ROLE.findall(body)
    for one, other in LAW.findall(body):
        yield one or other


def _named(file: str, line: int, last: int, body: str) -> NamedSum | None:
    document = parse(file, body, [])
    keys = document.data if document else None
    return NamedSum(file, line, keys, last) if isinstance(keys, dict) and "calc" in keys and "as" in keys else None


def _parts(text: str) -> tuple[str, list[tuple[int, int, str]]]:
    """The text outside of fences, and the fences `stackdoc`, each with its lines; none quoted in a longer fence."""
    prose: list[str] = []
    found: list[tuple[int, int, str]] = []
    mark, ours, start, held = "", False, 0, list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        fence = FENCE.match(line)
        if not mark and fence:
            mark, ours, start, held = fence["mark"], fence["info"].strip() == "stackdoc", number, []
        elif mark and fence and fence["mark"].startswith(mark) and not fence["info"].strip():
            if ours:
                found.append((start, number, textwrap.dedent("\n".join(held))))
            mark = ""
        elif mark:
            held.append(line)
        else:
            prose.append(line)
    return "\n".join(prose), found
