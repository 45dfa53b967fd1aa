"""Render the reasons for gaps below the figures that need them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from stackdoc.errors import Problem, StackdocError
from stackdoc.render.fences.passage import passage
from stackdoc.render.html.element import element, join
from stackdoc.render.values.points import Location, Selection, parse_selection
from stackdoc.render.values.record_view import RecordView, point_label
from stackdoc.site.site import Site, cached
from stackdoc.stack.entries import entry_location
from stackdoc.stack.gaps.gap import Gap, wide_gaps
from stackdoc.stack.handbook import handbook


def reasons(site: Site, view: RecordView, keys: Sequence[str]) -> Markup | None:
    """List the points with a wide gap and its cause: `cached, n = 128: 3.2 times its prediction. … Shown by …`."""
    gaps = [gap for gap in handbook(site).gaps.values() if gap.example == view.record.example]
    ratios = wide_gaps(view.record) if gaps else {}
    items = []
    for gap in gaps:
        covered = [key for key in keys if key in ratios and covers(site, gap, view, key)]
        if covered:
            items.append(element("li", _ratio_text(view, covered, ratios), _reason(site, gap)))
    return element("ul", *items, class_="sd-gaps") if items else None


def covers(site: Site, gap: Gap, view: RecordView, key: str) -> bool:
    """Whether the gap covers that point of the record."""
    point = view.record.point(key)
    if point is None or gap.example != view.record.example:
        return False
    return any(selection.matches(point) for selection in _selections(site, gap))


def problems(site: Site) -> Iterator[Problem]:
    """Yield a problem for each point that no record has, and for each faulty role in a cause."""
    for gap in handbook(site).gaps.values():
        example, _, point = gap.shown_by.strip().partition(" ")
        selections = [(gap.example, point_words, location_of(site, gap, "points")) for point_words in gap.points]
        for name, selection, place in [*selections, (example, point, location_of(site, gap, "shown_by"))]:
            try:
                parse_selection(site, name, selection, place)
            except StackdocError as error:
                yield from error.problems
        try:
            passage(site, gap.cause, location_of(site, gap, "cause"))
        except StackdocError as error:
            yield from error.problems


def location_of(site: Site, gap: Gap, *path: str) -> Location:
    """Return the line of one field of the gap, or the line on which the gap begins."""
    return entry_location(site, "gaps", gap, *path)


@cached
def _selections(site: Site, gap: Gap) -> tuple[Selection, ...]:
    place = location_of(site, gap, "points")
    return tuple(parse_selection(site, gap.example, words, place) for words in gap.points)


def _ratio_text(view: RecordView, keys: Sequence[str], ratios: Mapping[str, float]) -> str:
    """List the points with their ratio to the prediction."""
    texts = [f"{point_label(view.record, key)}: {_format_ratio(ratios[key])} times its prediction" for key in keys]
    return f"{'; '.join(texts)}. "


def _format_ratio(ratio: float) -> str:
    return f"{ratio:.2g}" if ratio < 100 else f"{ratio:.0f}"


def _reason(site: Site, gap: Gap) -> Markup:
    example, _, point = gap.shown_by.strip().partition(" ")
    link = element("a", f"{example}, {point}", href=f"/examples/{example}/")
    return join([passage(site, gap.cause, location_of(site, gap, "cause")), " Shown by ", link, "."])
