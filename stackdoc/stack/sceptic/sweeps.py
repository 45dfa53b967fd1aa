"""Find line charts for which the records have too few values, so that bars replace them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from stackdoc.errors import Problem
from stackdoc.render.fences.fence import Fence
from stackdoc.render.figures.drawing import FEWEST_PLACES, drawing
from stackdoc.render.values.points import parse_selection, selected_keys
from stackdoc.render.values.record_view import RecordView
from stackdoc.site.site import Site
from stackdoc.stack.sceptic.judged import judged


def findings(site: Site, fences: Iterable[Fence]) -> Iterator[Problem]:
    for fence in fences:
        if fence.text("figure") != "sweep":
            continue
        counts = _counts_of_example(site, fence) if fence.directive == "example" else _counts_of_rows(site, fence)
        if counts and max(counts.values()) < FEWEST_PLACES:
            listed = ", ".join(f"{number} of {series}" for series, number in counts.items())
            place = fence.places["figure"]
            hint = f"measure {FEWEST_PLACES} or more in the full profile, or draw bars"
            yield Problem(place.file, place.line, "", f"draws a line through too few values: {listed}", hint)


def _counts_of_example(site: Site, fence: Fence) -> dict[str, int]:
    """Count the values on each line of a fence `example`."""
    values_of: dict[str, set[float]] = defaultdict(set)
    points = fence.options.get("points", [])
    words = [str(selection) for selection in points] if isinstance(points, list) else [str(points)]
    for view in _views(site, str(fence.subject)):
        selections = [parse_selection(site, view.record.example, selection, fence.place) for selection in words]
        try:
            sweep = drawing(
                view, "sweep", selected_keys(view.record, selections), fence.text("x"), fence.text("quantity")
            )
        except ValueError:  # the record has none of the points
            continue
        for mark in sweep.marks:
            if not mark.is_prediction and mark.x is not None:
                values_of[mark.series].add(mark.x)
    return {series: len(values) for series, values in values_of.items()}


def _counts_of_rows(site: Site, fence: Fence) -> dict[str, int]:
    """Count the values on each line of a fence `compare`, where every line has its own example."""
    counts: dict[str, int] = {}
    rows, x = fence.subject if isinstance(fence.subject, dict) else {}, fence.text("x")
    for label, words in rows.items():
        example, _, point = str(words).partition(" ")
        for view in _views(site, example):
            keys = parse_selection(site, example, point, fence.place).keys(view.record)
            parameters = [dict(item.parameters) for key in keys if (item := view.record.item(key)) is not None]
            counts[str(label)] = len({values[x] for values in parameters if x in values})
    return counts


def _views(site: Site, example: str) -> list[RecordView]:
    return [view for view in judged(site) if view.record.example == example]
