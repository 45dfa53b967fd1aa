"""What an author wrote for a diagram: labels with roles, quantities with units, and where each is in the page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from stackdoc.errors import Problem, StackdocError
from stackdoc.laws.amount import Amount, are_compatible, dimension_of, parse_amount, to_base
from stackdoc.laws.units import BadUnit
from stackdoc.reading.document import Document, Json, Path
from stackdoc.render.diagrams.label import Label, plain_label
from stackdoc.render.fences.fence import Fence
from stackdoc.render.fences.passage import passage
from stackdoc.render.values.points import Location
from stackdoc.render.values.record_view import NBSP
from stackdoc.statistics.figure import MINUS

_ROLE = re.compile(r"\{[a-z]+\}`[^`]+`")
_CHANGES = re.compile(r"\{(?:measured|verdict)\}|\bmeasured:")
_HINT = 'write a number and its unit, such as "140 GB", or a single role'


@dataclass(frozen=True)
class WrittenQuantity:
    """A `value` in the unit of its axis, and how it is written."""

    value: float
    label: Label


@dataclass
class DiagramSource:
    """The fence of a diagram; every fault is added to `problems`, and drawing goes on with something harmless."""

    fence: Fence
    document: Document
    problems: list[Problem] = field(default_factory=list)

    def at(self, *path: str | int) -> Location:
        return Location(self.fence.place.file, self.document.line(path))

    def has(self, *path: str | int) -> bool:
        """Whether the author wrote a value there."""
        return path in self.document.lines

    def refuse(self, path: Path, message: str, hint: str = "") -> None:
        self.problems += self.at(*path).refuse(message, hint, "diagram").problems

    def label(self, words: str, *path: str | int) -> Label:
        """Return a text with its roles resolved. What depends on the chosen machine is refused: a picture can't."""
        place = self.at(*path)
        if _CHANGES.search(words):
            self.refuse(path, "a diagram can't show a measured value", "use the fence example, or text below it")
            return Label()
        try:
            written = passage(self.fence.site, words.strip(), place)
        except StackdocError as error:
            self.problems += error.problems
            return Label()
        if "data-choice" in written or "sd-missing" in written:
            self.refuse(path, f"{words.strip()[:60]!r} depends on the chosen machine", "write it below the diagram")
        return Label(written)

    def quantity(self, written: str | float, unit: str, *path: str | int) -> WrittenQuantity:
        """Return a number with a unit, or the value of a single role, in the unit of the axis."""
        if isinstance(written, int | float):
            label = plain_label(f"{written:g}{NBSP}{unit}" if unit not in ("", "1") else f"{written:g}")
            return WrittenQuantity(float(written), label)
        if _ROLE.search(written) and not _ROLE.fullmatch(written.strip()):
            self.refuse(path, f"{written.strip()[:60]!r} is not a single quantity", _HINT)
            return WrittenQuantity(0.0, Label())
        label = self.label(re.sub(r"^-(?=[\d.])", MINUS, written), *path)
        if not label:
            return WrittenQuantity(0.0, label)
        return WrittenQuantity(self._in_unit(label.plain.replace(MINUS, "-"), unit, path), label)

    def _in_unit(self, text: str, unit: str, path: Path) -> float:
        try:
            amount: Amount = parse_amount(text, unit)
            if are_compatible(amount.unit, unit):
                return amount.base / to_base(1.0, unit)
            dimensions = f"{dimension_of(amount.unit)} ({amount.unit})"
            self.refuse(path, f"{text!r} is {dimensions}, where {dimension_of(unit)} ({unit}) is expected")
        except BadUnit as reason:
            self.refuse(path, str(reason), reason.hint or _HINT)
        return 0.0

    def unit(self, text: str, *path: str | int) -> str:
        """Return a unit, `1` if it is not known."""
        try:
            to_base(1.0, text)
        except BadUnit as reason:
            self.refuse(path, str(reason), reason.hint)
            return "1"
        return text or "1"

    def unique(self, ids: Iterable[tuple[str, Path]]) -> dict[str, Path]:
        """Return where each id is defined, except empty ones; report each duplicate."""
        first: dict[str, Path] = {}
        for id, path in ids:
            if id and id in first:
                self.refuse(path, f"duplicate id {id!r}", f"first used on line {self.at(*first[id]).line}")
            elif id:
                first[id] = path
        return first


def document_of(fence: Fence, data: Json) -> Document:
    """Return the data of a fence with the line of each value in the page."""
    lines: dict[Path, int] = {(): fence.place.line}
    for path in _paths(data, ()):
        place = fence.places.get(".".join(map(str, path)))
        if place:
            lines[path] = place.line
    return Document(fence.place.file, data, lines)


def _paths(data: Json, path: Path) -> Iterator[Path]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from _paths(value, (*path, key))
