"""The reasons for gaps, beside the figures that need them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from stackdoc.errors import Problem, StackdocError
from stackdoc.render.fences.passage import passage
from stackdoc.render.html.element import element, join
from stackdoc.render.values.points import Location, Selection, parse_selection
from stackdoc.render.values.record_view import RecordView, point_label
from stackdoc.site.site import Site, once
from stackdoc.stack.entries import place_in
from stackdoc.stack.gaps.gap import Gap, wide
from stackdoc.stack.handbook import handbook


def reasons(site: Site, view: RecordView, keys: Sequence[str]) -> Markup | None:
    """`cached, n = 128: 3.2 times its prediction. The cause … Shown by …`, for those points that lie so far above."""
    about = [gap for gap in handbook(site).gaps.values() if gap.example == view.record.example]
    times = wide(view.record) if about else {}
    items = []
    for gap in about:
        covered = [key for key in keys if key in times and covers(site, gap, view, key)]
        if covered:
            items.append(element("li", _times(view, covered, times), _reason(site, gap)))
    return element("ul", *items, class_="sd-gaps") if items else None


def covers(site: Site, gap: Gap, view: RecordView, key: str) -> bool:
    """Whether the gap is about that point of the record."""
    point = view.record.point(key)
    if point is None or gap.example != view.record.example:
        return False
    return any(selection.matches(point) for selection in _selections(site, gap))


def problems(site: Site) -> Iterator[Problem]:
    """What the gaps name and no record has, and what the roles in their causes do not find."""
    for gap in handbook(site).gaps.values():
        example, _, point = gap.shown_by.strip().partition(" ")
        asked = [(gap.example, one, place_of(site, gap, "points")) for one in gap.points]
        for name, words, place in [*asked, (example, point, place_of(site, gap, "shown_by"))]:
            try:
                parse_selection(site, name, words, place)
            except StackdocError as error:
                yield from error.problems
        try:
            passage(site, gap.cause, place_of(site, gap, "cause"))
        except StackdocError as error:
            yield from error.problems


def place_of(site: Site, gap: Gap, *path: str) -> Location:
    """The line of one of its fields, or that on which it begins."""
    return place_in(site, "gaps", gap, *path)


@once
def _selections(site: Site, gap: Gap) -> tuple[Selection, ...]:
    place = place_of(site, gap, "points")
    return tuple(parse_selection(site, gap.example, words, place) for words in gap.points)


def _times(view: RecordView, keys: Sequence[str], times: Mapping[str, float]) -> str:
    """Each point with how many times its prediction it takes."""
    said = [f"{point_label(view.record, key)}: {_spoken(times[key])} times its prediction" for key in keys]
    return f"{'; '.join(said)}. "


def _spoken(times: float) -> str:
    return f"{times:.2g}" if times < 100 else f"{times:.0f}"


def _reason(site: Site, gap: Gap) -> Markup:
    example, _, point = gap.shown_by.strip().partition(" ")
    link = element("a", f"{example}, {point}", href=f"/examples/{example}/")
    return join([passage(site, gap.cause, place_of(site, gap, "cause")), " Shown by ", link, "."])
