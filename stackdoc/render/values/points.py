"""Points as an author names them: `library`, `library n=512`, `library;n=512`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from stackdoc.errors import Problem, StackdocError, did_you_mean
from stackdoc.model.record import Point, Ratio, Record
from stackdoc.render.values.record_view import items
from stackdoc.site.site import Site

PYTHONS = {"True": "true", "False": "false"}  # a script's spelling, and a key's


@dataclass(frozen=True)
class Location:
    """A line of a source file. `refuse` returns the error for a problem there."""

    file: str
    line: int

    def refuse(self, message: str, hint: str = "", where: str = "") -> StackdocError:
        return StackdocError([Problem(self.file, self.line, where, message, hint)])


@dataclass(frozen=True)
class Selection:
    """A point's name and some of its parameters; it selects all points that match."""

    name: str
    parameters: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return " ".join([self.name, *(f"{key}={value}" for key, value in self.parameters)])

    def matches(self, point: Point | Ratio) -> bool:
        own = {key: _text(value) for key, value in point.parameters}
        return point.name == self.name and all(own.get(key) == value for key, value in self.parameters)

    def keys(self, record: Record) -> tuple[str, ...]:
        return tuple(point.key for point in items(record) if self.matches(point))


def parse_selection(site: Site, example: str, words: str, place: Location) -> Selection:
    """Parse `words`, an author's name for points of the example.

    Raises StackdocError for a name that no record of the current source has, and for parameters that no record has
    although one is of a full run: quick runs leave points out, and a page must build with quick runs alone. Records of
    an older source don't count, since the page may name newer points, nor do contributed ones.
    """
    name, *rest = re.split(r"[\s;]+", words.strip())
    pairs = [word.partition("=") for word in rest]
    invalid = next((word for word, pair in zip(rest, pairs, strict=True) if not pair[1]), None)
    if invalid is not None:
        raise place.refuse(f"{invalid!r} is not a parameter", "write name=value")
    selection = Selection(name, tuple((key, PYTHONS.get(value, value)) for key, _, value in pairs))
    current = site.examples.get(example)
    stored = site.by_example.get(example, ())
    own = [record for record in stored if not site.contributor(record)]
    records = [record for record in own if current is not None and current.matches(record.digest, record.closure)]
    points = [point for record in records for point in items(record)]
    names = sorted({point.name for point in points})
    if records and name not in names:
        raise place.refuse(f"example {example!r} has no point {name!r}", did_you_mean(name, names))
    parameters = {key for point in points if point.name == name for key, _ in point.parameters}
    if names and (unknown := [key for key, _ in selection.parameters if key not in parameters]):
        raise place.refuse(
            f"point {name!r} of {example!r} has no parameter {unknown[0]!r}", did_you_mean(unknown[0], parameters)
        )
    if any(record.profile == "full" for record in records) and not any(selection.matches(point) for point in points):
        keys = sorted({point.key for point in points if point.name == name})
        raise place.refuse(
            f"example {example!r} has no point {str(selection)!r}", did_you_mean(str(selection).replace(" ", ";"), keys)
        )
    return selection


def known_example(site: Site, example: str, place: Location) -> str:
    """Return the id if the site has that example. Raises StackdocError with the nearest known one."""
    if example not in site.examples:
        raise place.refuse(f"unknown example {example!r}", did_you_mean(example, site.examples))
    return example


def selected_keys(record: Record, selections: Sequence[Selection]) -> tuple[str, ...]:
    """Return the keys of the record that the selections match, in their order; all keys without a selection."""
    if not selections:
        return tuple(point.key for point in items(record))
    return tuple(dict.fromkeys(key for selection in selections for key in selection.keys(record)))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
