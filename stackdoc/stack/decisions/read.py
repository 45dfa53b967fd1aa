"""Read the decisions from the `## Decide` sections of the hand-written layer pages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackdoc.errors import Problem
from stackdoc.project import Layout
from stackdoc.reading.decode import SLUG
from stackdoc.reading.text import read_text
from stackdoc.stack.decisions.types import LayerDecision
from stackdoc.stack.layers.types import Stack

_HEADING = re.compile(r"###\s+(?:(?P<number>\d+)\.\s+)?(?P<question>.*)")
_ANCHOR = re.compile(r"\{\s*#(?P<anchor>[^\s{}]+)\s*\}$")
_END = re.compile(r"(?<=[.!?])\s+(?=[*_{]*[A-Z])")


def read_decisions(layout: Layout, problems: list[Problem], stack: Stack | None) -> tuple[LayerDecision, ...]:
    """Return the decisions in the order of the layers; each needs a number and a unique anchor `decide-…`."""
    decisions: list[LayerDecision] = []
    for place in stack.places if stack else ():
        file = layout.text("layers", place.id)
        text = read_text(layout.root, file, problems) if (layout / file).is_file() else None
        decisions.extend(_decisions(place.id, file, text or ""))
    seen: dict[str, LayerDecision] = {}
    for decision in decisions:
        problems.extend(_faults(decision, seen.setdefault(decision.anchor, decision)))
    return tuple(decisions)


def _faults(decision: LayerDecision, first: LayerDecision) -> Iterator[Problem]:
    if not decision.number:
        yield Problem(
            decision.file, decision.line, "Decide", "the decision has no number", "write `### 1. Question? {#decide-…}`"
        )
    if not re.fullmatch(rf"decide-{SLUG.pattern}", decision.anchor):
        yield Problem(
            decision.file, decision.line, "Decide", "the decision has no anchor", "end its heading with {#decide-…}"
        )
    elif first is not decision:
        hint = f"first used in {first.file}:{first.line}"
        yield Problem(decision.file, decision.line, "Decide", f"duplicate anchor {decision.anchor!r}", hint)


def _decisions(layer: str, file: str, text: str) -> Iterator[LayerDecision]:
    lines = text.splitlines()
    inside = False
    for index, line in enumerate(lines):
        if re.match(r"##?\s", line):
            inside = bool(re.fullmatch(r"##\s+Decide(?:\s*\{.*\})?", line.rstrip()))
        elif inside and (heading := _HEADING.fullmatch(line.rstrip())):
            anchor = _ANCHOR.search(heading["question"])
            question = heading["question"][: anchor.start()].rstrip() if anchor else heading["question"]
            fields = {"number": heading["number"] or "", "anchor": anchor["anchor"] if anchor else ""}
            answer = _first_sentence(lines[index + 1 :])
            yield LayerDecision(layer, question=question, **fields, answer=answer, file=file, line=index + 1)


def _first_sentence(lines: list[str]) -> str:
    paragraph: list[str] = []
    for line in lines:
        if line.strip() and not line.startswith(("#", "```", "???", "!!!", "|", "<")):
            paragraph.append(line.strip())
        elif paragraph or line.startswith("#"):
            break
    return _END.split(" ".join(paragraph), maxsplit=1)[0]
