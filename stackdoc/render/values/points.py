"""Points as an author names them: `library`, `library n=512`, `library;n=512`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from stackdoc.errors import Problem, StackdocError, did_you_mean
from stackdoc.model.record import Point, Ratio, Record
from stackdoc.render.values.record_view import items
from stackdoc.site.site import Site

PYTHONS = {"True": "true", "False": "false"}  # as the script spells what a key spells otherwise


@dataclass(frozen=True)
class Location:
    """Where in the sources something was written; `refuse` says so with the problem."""

    file: str
    line: int

    def refuse(self, message: str, hint: str = "", where: str = "") -> StackdocError:
        return StackdocError([Problem(self.file, self.line, where, message, hint)])


@dataclass(frozen=True)
class Selection:
    """A name, and the parameters that were given; a point may have more of them."""

    name: str
    parameters: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return " ".join([self.name, *(f"{key}={value}" for key, value in self.parameters)])

    def matches(self, point: Point | Ratio) -> bool:
        held = {key: _text(value) for key, value in point.parameters}
        return point.name == self.name and all(held.get(key) == value for key, value in self.parameters)

    def keys(self, record: Record) -> tuple[str, ...]:
        return tuple(point.key for point in items(record) if self.matches(point))


def parse_selection(site: Site, example: str, words: str, place: Location) -> Selection:
    """The points of the example that `words` name.

    Raises StackdocError for a name that no record of its present source has, or parameters that none has although
    one is of a full run: a quick run leaves points out, and a page must build with quick runs alone. Records of an
    older source are no measure: the page may name what they could not know.
    """
    name, *rest = re.split(r"[\s;]+", words.strip())
    pairs = [word.partition("=") for word in rest]
    bad = next((word for word, pair in zip(rest, pairs, strict=True) if not pair[1]), None)
    if bad is not None:
        raise place.refuse(f"{bad!r} is no parameter", "write name=value")
    found = Selection(name, tuple((key, PYTHONS.get(value, value)) for key, _, value in pairs))
    present = site.examples.get(example)
    stored = site.by_example.get(example, ())
    records = [one for one in stored if present is not None and present.matches(one.digest)]
    points = [point for record in records for point in items(record)]
    names = sorted({point.name for point in points})
    if records and name not in names:
        raise place.refuse(f"example {example!r} has no point {name!r}", did_you_mean(name, names))
    parameters = {key for point in points if point.name == name for key, _ in point.parameters}
    if names and (odd := [key for key, _ in found.parameters if key not in parameters]):
        raise place.refuse(
            f"point {name!r} of {example!r} has no parameter {odd[0]!r}", did_you_mean(odd[0], parameters)
        )
    if any(record.profile == "full" for record in records) and not any(found.matches(point) for point in points):
        keys = sorted({point.key for point in points if point.name == name})
        raise place.refuse(
            f"example {example!r} has no point {str(found)!r}", did_you_mean(str(found).replace(" ", ";"), keys)
        )
    return found


def known_example(site: Site, example: str, place: Location) -> str:
    """The id, when the site has that example. Raises StackdocError with the nearest known one."""
    if example not in site.examples:
        raise place.refuse(f"unknown example {example!r}", did_you_mean(example, site.examples))
    return example


def selected_keys(record: Record, selections: Sequence[Selection]) -> tuple[str, ...]:
    """Keys of the record that any of the selections names, in their order; all without a selection."""
    if not selections:
        return tuple(point.key for point in items(record))
    return tuple(dict.fromkeys(key for selection in selections for key in selection.keys(record)))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
