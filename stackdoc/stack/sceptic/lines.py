"""Lines that pages ask for and that records are too poor for, so that bars stand there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from stackdoc.errors import Problem
from stackdoc.render.fences.fence import Fence
from stackdoc.render.figures.drawing import FEWEST_PLACES, drawing
from stackdoc.render.values.points import parse_selection, selected_keys
from stackdoc.render.values.record_view import RecordView
from stackdoc.site.site import Site
from stackdoc.stack.sceptic.reference import judged


def findings(site: Site, fences: Iterable[Fence]) -> Iterator[Problem]:
    for found in fences:
        if found.text("figure") != "sweep":
            continue
        counts = _of_example(site, found) if found.directive == "example" else _of_rows(site, found)
        if counts and max(counts.values()) < FEWEST_PLACES:
            said = ", ".join(f"{number} of {series}" for series, number in counts.items())
            place = found.places["figure"]
            hint = f"measure {FEWEST_PLACES} or more in the full profile, or ask for bars"
            yield Problem(place.file, place.line, "", f"asks for a line through too few values: {said}", hint)


def _of_example(site: Site, found: Fence) -> dict[str, int]:
    """Of each line, through how many values it goes."""
    places: dict[str, set[float]] = defaultdict(set)
    given = found.options.get("points", [])
    words = [str(one) for one in given] if isinstance(given, list) else [str(given)]
    for view in _views(site, str(found.subject)):
        selections = [parse_selection(site, view.record.example, one, found.place) for one in words]
        try:
            drawn = drawing(
                view, "sweep", selected_keys(view.record, selections), found.text("x"), found.text("quantity")
            )
        except ValueError:  # of a record that has none of the points
            continue
        for mark in drawn.marks:
            if not mark.foretold and mark.x is not None:
                places[mark.series].add(mark.x)
    return {series: len(values) for series, values in places.items()}


def _of_rows(site: Site, found: Fence) -> dict[str, int]:
    """The same where each line is of an example of its own."""
    counts: dict[str, int] = {}
    rows = found.subject if isinstance(found.subject, dict) else {}
    for label, words in rows.items():
        example, _, point = str(words).partition(" ")
        for view in _views(site, example):
            keys = parse_selection(site, example, point, found.place).keys(view.record)
            held = [dict(one.parameters) for key in keys if (one := view.record.item(key)) is not None]
            counts[str(label)] = len({one[found.text("x")] for one in held if found.text("x") in one})
    return counts


def _views(site: Site, example: str) -> list[RecordView]:
    return [view for view in judged(site) if view.record.example == example]
