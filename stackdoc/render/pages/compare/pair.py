"""The page of two machines: a summary, a picture, and every point on demand.

A ratio is shown only where `statistics.compare` gives one, and with every difference between the sides.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from markupsafe import Markup

from stackdoc.errors import capitalised
from stackdoc.records.export import csv_text
from stackdoc.render.domain import Group, domain
from stackdoc.render.html import document
from stackdoc.render.html.element import element, join
from stackdoc.render.html.page import Page
from stackdoc.render.html.tables import NONE
from stackdoc.render.pages.compare.sides import ComparedExample, ComparedPair, examples_of
from stackdoc.render.pages.compare.strip import Dot, StripRow, strip
from stackdoc.render.pages.compare.wording import (
    FASTER,
    REFUSED,
    SLOWER,
    WORDS,
    between_runs,
    common,
    gain,
    in_words,
    machine_moved,
    record_link,
    speed_up,
    times,
)
from stackdoc.render.values.record_view import point_id, point_label, view_of
from stackdoc.render.values.value import linked
from stackdoc.site.site import Site
from stackdoc.statistics import Comparison

COLUMNS = ("example", "point", "kind", "base record", "other record", "gain", "low", "high", "result")


@dataclass(frozen=True)
class ComparedGroup:
    """The compared examples under one heading; `address` is the page about them or empty."""

    name: str
    address: str
    examples: tuple[ComparedExample, ...]


def pages(site: Site, pair: ComparedPair) -> Iterator[Page]:
    """Yield the page of the pair, and its table as CSV."""
    compared = examples_of(site, pair)
    title = capitalised(pair.title)
    groups = _groups(site, compared)
    blocks = [
        summary(site, pair, compared),
        strip([_row(site, group) for group in groups]),
        _reading(pair),
        document.heading("Point by point", "points"),
        *(_fold(site, group) for group in groups),
    ]
    yield document.page(f"{pair.address}.md", title, f"{title}, point by point.", blocks)
    yield Page(f"{pair.address}.csv", title, _csv(compared), "file")


def summary(site: Site, pair: ComparedPair, compared: Sequence[ComparedExample]) -> Markup:
    """Say how many timings are faster and slower, what the middle one gains, and where the extremes are."""
    timings = [(example, timing) for example in compared for timing in example.timings]
    if not timings:
        return document.paragraph("No timing of the two can be compared; the reasons are in the tables below.")
    counted = Counter(str(timing.word) for _, timing in timings)
    faster, slower = counted[FASTER], counted[SLOWER]
    rest = len(timings) - faster - slower
    middle = median(speed_up(timing)[0] for _, timing in timings)
    return document.paragraph(
        f"{capitalised(pair.other.label)} is ",
        element("strong", f"faster in {faster}"),
        f" of {document.count(len(timings), 'timing')} and ",
        element("strong", f"slower in {slower}"),
        f"; for the other {rest} the measurements show no difference. " if rest else ". ",
        f"The middle timing is {times(middle)} as fast.",
        _extreme(site, timings, FASTER, "The largest gain"),
        _extreme(site, timings, SLOWER, "The largest loss"),
        class_="sd-tally",
    )


def _extreme(site: Site, timings: Sequence[tuple[ComparedExample, Comparison]], word: str, name: str) -> Markup | None:
    """Name the timing that moved farthest among those of that word."""
    of_word = [(example, timing) for example, timing in timings if timing.word == word]
    if not of_word:
        return None
    example, timing = (max if word == FASTER else min)(of_word, key=lambda entry: speed_up(entry[1])[0])
    label = f"{point_label(example.base, timing.key)} in “{_title(site, example.id)}”"
    link = element("a", label, href=f"#{_row_id(example, timing)}")
    return join([f" {name}: {times(speed_up(timing)[0])}, ", link, "."])


def _reading(pair: ComparedPair) -> Markup:
    return document.paragraph(
        f"The base is {pair.base.label}. A time is shown as a speed-up: 2 means half the time of the base. A value is "
        "shown as its ratio to that of the base. There is no overall score. ",
        element("a", "Table as CSV", href=f"/{pair.address}.csv", download=True),
        ".",
        class_="sd-small",
    )


def _groups(site: Site, compared: Sequence[ComparedExample]) -> list[ComparedGroup]:
    """Group the compared examples as the list of examples does, or all under one name."""
    by_id = {example.id: example for example in compared}
    known = [site.examples[id] for id in by_id if id in site.examples]
    groups = domain(site).groups(site, known) or [Group("All examples", "", tuple(known))]
    made = [
        ComparedGroup(group.name, group.address, tuple(by_id[example.id] for example in group.examples))
        for group in groups
    ]
    return [group for group in made if group.examples]


def _row(site: Site, group: ComparedGroup) -> StripRow:
    dots = (
        Dot(timing, f"{_title(site, example.id)}, {point_label(example.base, timing.key)}")
        for example in group.examples
        for timing in example.timings
    )
    return StripRow(group.name, group.address, tuple(dots))


def _fold(site: Site, group: ComparedGroup) -> Markup:
    """Return the tables of a group, folded; the line above says what is in it."""
    counted = Counter(comparison.word or REFUSED for example in group.examples for comparison in example.comparisons)
    words = ", ".join(f"{counted[word]} {word}" for word in WORDS if counted[word])
    tables = [part for example in group.examples for part in _example(site, example)]
    title = f"{group.name}: {words}" if words else group.name
    return element("details", element("summary", title), *tables, class_="sd-data sd-compared")


def _title(site: Site, example: str) -> str:
    return site.examples[example].title if example in site.examples else example


def _row_id(example: ComparedExample, comparison: Comparison) -> str:
    return f"{example.id.replace('/', '-')}.{point_id(comparison.key)}"


def _example(site: Site, example: ComparedExample) -> list[Markup]:
    """Return a table of the points that differ, with the gain or why there is none, and counts of the others."""
    base, other, compared = example.base, example.other, example.comparisons
    views = view_of(site, base), view_of(site, other)
    different = [comparison for comparison in compared if not comparison.low == comparison.high == 1]
    shared = common(compared)
    rows = [
        document.row(
            point_label(base, comparison.key),
            *(element("td", linked(view, comparison.key) or NONE, class_="sd-number") for view in views),
            element("td", _gain(example, comparison) or NONE, class_="sd-number", title=between_runs(comparison)),
            in_words(comparison, shared),
            id=_row_id(example, comparison),
            data_outcome=comparison.word or REFUSED,
        )
        for comparison in different
    ]
    columns = ("Point", *(document.number_head(name) for name in ("Base", "Compared", "Gain")), "Result")
    keys, others = ({point.key for point in side.points if point.launches} for side in (base, other))
    equal = len(compared) - len(different)
    only_in = [("the base", len(keys - others)), ("the other", len(others - keys))]
    title = element("strong", _title(site, example.id), id=document.slug(example.id))
    return [
        document.paragraph(
            join([title, ". ", record_link(base), " is the base, ", record_link(other), " is compared with it."]),
            machine_moved(base, other),
            f" Differences between the two: {'; '.join(shared)}." if shared else "",
            f" Equal in all launches of both: {document.count(equal, 'more point')}." if equal else "",
            "".join(f" Only in {side}: {document.count(number, 'point')}." for side, number in only_in if number),
            class_="sd-small",
        ),
        *([document.table(f"{example.id}, point by point", columns, rows)] if rows else []),
    ]


def _gain(example: ComparedExample, comparison: Comparison) -> str:
    return gain(comparison, example.point(comparison).kind == "time")


def _csv(compared: Sequence[ComparedExample]) -> str:
    """Return every comparison in a row; the gain of a time is its speed-up."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for example in compared:
        for comparison in example.comparisons:
            kind = example.point(comparison).kind
            bounds: tuple[float | None, ...] = (comparison.ratio, comparison.low, comparison.high)
            if comparison.ratio is not None and kind == "time":
                bounds = speed_up(comparison)
            numbers = ["" if bound is None else repr(bound) for bound in bounds]
            names = [csv_text(text) for text in (example.id, comparison.key, kind, example.base.id, example.other.id)]
            writer.writerow([*names, *numbers, csv_text(in_words(comparison))])
    return out.getvalue()
