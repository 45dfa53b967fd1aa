"""The decisions of the hand-written layer pages, from the sections `## Decide`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackdoc.errors import Problem
from stackdoc.project import Layout
from stackdoc.reading.decode import SLUG
from stackdoc.reading.text import read_text
from stackdoc.stack.decisions.types import Decision
from stackdoc.stack.layers.types import Stack

_HEADING = re.compile(r"###\s+(?:(?P<number>\d+)\.\s+)?(?P<question>.*?)\s*(?:\{\s*#(?P<anchor>[^\s}]+)\s*\})?\s*$")
_END = re.compile(r"(?<=[.!?])\s+(?=[*_{]*[A-Z])")


def read_decisions(layout: Layout, problems: list[Problem], stack: Stack | None) -> tuple[Decision, ...]:
    """In the order of the layers; every one has a number and an anchor `decide-…` that no other has."""
    found: list[Decision] = []
    for place in stack.places if stack else ():
        file = layout.text("layers", place.id)
        text = read_text(layout.root, file, problems) if (layout / file).is_file() else None
        found.extend(_decisions(place.id, file, text or ""))
    seen: dict[str, Decision] = {}
    for one in found:
        problems.extend(_faults(one, seen.setdefault(one.anchor, one)))
    return tuple(found)


def _faults(one: Decision, first: Decision) -> Iterator[Problem]:
    if not one.number:
        yield Problem(one.file, one.line, "Decide", "a decision has no number", "write `### 1. Question? {#decide-…}`")
    if not re.fullmatch(rf"decide-{SLUG.pattern}", one.anchor):
        yield Problem(one.file, one.line, "Decide", "a decision has no anchor", "end its heading with {#decide-…}")
    elif first is not one:
        hint = f"it stands first in {first.file}:{first.line}"
        yield Problem(one.file, one.line, "Decide", f"duplicate anchor {one.anchor!r}", hint)


def _decisions(layer: str, file: str, text: str) -> Iterator[Decision]:
    lines = text.splitlines()
    inside = False
    for at, line in enumerate(lines):
        if re.match(r"##?\s", line):
            inside = bool(re.match(r"##\s+Decide\s*(\{.*\})?\s*$", line))
        elif inside and (found := _HEADING.match(line)):
            named = {key: value or "" for key, value in found.groupdict().items()}
            yield Decision(layer, **named, answer=_first_sentence(lines[at + 1 :]), file=file, line=at + 1)


def _first_sentence(lines: list[str]) -> str:
    paragraph: list[str] = []
    for line in lines:
        if line.strip() and not line.startswith(("#", "```", "???", "!!!", "|", "<")):
            paragraph.append(line.strip())
        elif paragraph or line.startswith("#"):
            break
    return _END.split(" ".join(paragraph), maxsplit=1)[0]
