"""Comparisons of two machines or two profiles, point by point, and of successive records.

A ratio is shown only where `statistics.compare` gives one, and with every difference between the sides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from markupsafe import Markup

from stackdoc.model.record import Record
from stackdoc.records.current import current_records
from stackdoc.render.html import document
from stackdoc.render.html.element import element, join
from stackdoc.render.html.page import Page
from stackdoc.render.html.tables import NONE
from stackdoc.render.values.machine_switch import choices
from stackdoc.render.values.record_view import RecordView, point_id, point_label, record_path, view_of
from stackdoc.render.values.value import linked
from stackdoc.site.run_history import run_history
from stackdoc.site.site import Site
from stackdoc.statistics import Comparison, Figure, compare, format_figure
from stackdoc.statistics.controls import describe_moves, moves
from stackdoc.statistics.interval import FEWEST, INTERVAL

REFUSED = "not compared"
MOVED = ("faster", "slower", "higher", "lower")
MACHINE = "the machine itself moved"
WORDS = (*MOVED, "less than 5 % apart", "no difference we can measure", MACHINE, "ambiguous", REFUSED)


@dataclass(frozen=True)
class ComparedSide:
    """One side of a comparison: a machine and device, or one profile of it; `records` are by example."""

    key: str
    label: str
    records: Mapping[str, Record]


def pages(site: Site) -> tuple[Page, ...]:
    """Return `compare/index.md` and a page for each pair of sides that share an example."""
    all_pairs = tuple(pairs(site))
    return (_index(all_pairs), *(_page(site, *pair) for pair in all_pairs))


def pairs(site: Site) -> Iterator[tuple[ComparedSide, ComparedSide]]:
    """Yield every pair of machines, then both profiles of each machine. The first of a pair is the base."""
    sides = [_side(site, choice.machine, choice.device, choice.key, choice.label) for choice in choices(site)]
    profiles = [_profiles(site, choice.machine, choice.device, choice.key, choice.label) for choice in choices(site)]
    for base, other in (*combinations(sides, 2), *profiles):
        if base.records.keys() & other.records.keys():
            yield base, other


def _side(site: Site, machine: str, device: str, key: str, label: str) -> ComparedSide:
    current = ((example, site.current(example, machine, device)) for example in sorted(site.examples))
    return ComparedSide(key, label, {example: record for example, record in current if record is not None})


def _profiles(site: Site, machine: str, device: str, key: str, label: str) -> tuple[ComparedSide, ComparedSide]:
    def side(profile: str) -> ComparedSide:
        of_profile = {id: record for id, record in site.records.items() if record.profile == profile}
        current = current_records(of_profile, site.examples, site.measured_here, site.withdrawn, site.contributed)
        records = {example: record for (example, *place), record in current.items() if place == [machine, device]}
        return ComparedSide(f"{key}.{profile}", f"{label}, {profile} runs", records)

    return side("quick"), side("full")


def address(base: ComparedSide, other: ComparedSide) -> str:
    return f"compare/{other.key}-against-{base.key}"


def of_machine(site: Site, machine: str) -> Markup:
    """Return links to the comparisons of the machine with others and of its profiles."""
    own_pairs = [pair for pair in pairs(site) if any(side.key.startswith(f"{machine}.") for side in pair)]
    links = [element("a", _title(*pair), href=f"/{address(*pair)}/") for pair in own_pairs]
    return document.listing(links) or document.paragraph(
        "None yet: no other machine has a record of the same examples."
    )


def _title(base: ComparedSide, other: ComparedSide) -> str:
    machine = base.label.removesuffix(", quick runs")
    if other.label == f"{machine}, full runs":
        return f"{machine}: full runs against quick runs"
    return f"{other.label}, against {base.label}"


def _index(all_pairs: Sequence[tuple[ComparedSide, ComparedSide]]) -> Page:
    blocks: list[str | Markup | None] = [
        document.paragraph(
            "Two machines side by side, point by point. A ratio is given if method, source and sizes agree and both "
            f"sides have at least {FEWEST} undisturbed launches. Its {INTERVAL} includes the spread between launches, "
            "the spread between runs, and the change of the machine itself that the controls show. Two figures count "
            "as different only if the whole interval is more than 5 % away from 1. There is no overall score."
        )
    ]
    if all_pairs:
        columns = ("Compared", "Base", document.number_head("Examples in common"))
        rows = [_listed(base, other) for base, other in all_pairs]
        blocks.append(document.table("Comparisons", columns, rows))
    else:
        blocks.append(
            document.paragraph(
                "Only one machine has records, so there is nothing to compare yet. Run ",
                element("kbd", "stackdoc measure"),
                " on another machine and commit the records of both: each pair of machines then has a page here. ",
                element("kbd", "stackdoc compare A B"),
                " compares two records or two machines on the command line.",
            )
        )
    return document.page("compare/index.md", "Compare", "Machines side by side, point by point.", blocks)


def _listed(base: ComparedSide, other: ComparedSide) -> Markup:
    common = len(base.records.keys() & other.records.keys())
    link = element("a", other.label, href=f"/{address(base, other)}/")
    return document.row(link, base.label, element("td", common, class_="sd-number"))


def _page(site: Site, base: ComparedSide, other: ComparedSide) -> Page:
    title = _title(base, other)
    title = f"{title[:1].upper()}{title[1:]}"
    blocks: list[str | Markup | None] = [
        document.paragraph(
            f"The base is {base.label}. A ratio of 2 means twice its time, or twice its value.",
        )
    ]
    examples = sorted(base.records.keys() & other.records.keys())
    sides = {example: (base.records[example], other.records[example]) for example in examples}
    compared = {example: _compared(site, *pair) for example, pair in sides.items()}
    blocks.append(_glance(site, compared))
    for example, pair in sides.items():
        blocks += [document.heading(_name(site, example), example.replace("/", "-"))]
        blocks += _example(site, *pair, compared[example])
    return document.page(f"{address(base, other)}.md", title, f"{title}, point by point.", blocks)


def _name(site: Site, example: str) -> str:
    return site.examples[example].title if example in site.examples else example


def _glance(site: Site, compared: Mapping[str, Sequence[Comparison]]) -> Markup:
    """Return how often each outcome occurs per example; a sum over examples would be meaningless."""
    counts = {
        example: Counter(comparison.word or REFUSED for comparison in comparisons)
        for example, comparisons in compared.items()
    }
    words = [word for word in WORDS if any(word in count for count in counts.values())]
    rows = [
        document.row(
            element("a", _name(site, example), href=f"#{document.slug(example)}"),
            *(element("td", count[word] or "", class_="sd-number") for word in words),
        )
        for example, count in counts.items()
    ]
    heads = [document.number_head(f"{word[:1].upper()}{word[1:]}") for word in words]
    return document.table("Points of each example, compared with the base", ("Example", *heads), rows, "sd-grouped")


def _compared(site: Site, base: Record, record: Record) -> list[Comparison]:
    """Compare the points that both records have."""
    others = {point.key for point in record.points if point.launches}
    keys = [point.key for point in base.points if point.launches and point.key in others]
    return [compare(base, record, key, run_history(site)) for key in keys]


def _example(site: Site, base: Record, record: Record, compared: Sequence[Comparison]) -> list[Markup]:
    """Return a table of the points that differ, with the ratio or why there is none, and counts of the others."""
    views = view_of(site, base), view_of(site, record)
    keys, others = ({point.key for point in side.points if point.launches} for side in (base, record))
    different = [comparison for comparison in compared if not comparison.low == comparison.high == 1]
    shared = common(compared)
    rows = [
        document.row(
            point_label(base, comparison.key),
            *(element("td", linked(view, comparison.key) or NONE, class_="sd-number") for view in views),
            element("td", ratio(comparison) or NONE, class_="sd-number", title=_between_runs(comparison)),
            in_words(comparison, shared),
            id=f"{base.example.replace('/', '-')}.{point_id(comparison.key)}",
        )
        for comparison in different
    ]
    columns = ("Point", *(document.number_head(name) for name in ("Base", "Compared", "Ratio")), "Result")
    table = document.table(f"{base.example}, point by point", columns, rows)
    links = join([_record(base), " is the base, ", _record(record), " is compared with it."])
    differing = f" Differences between the two: {'; '.join(shared)}." if shared else ""
    moved = _machine_moved(base, record)
    equal = len(compared) - len(different)
    equal_text = f" Equal in all launches of both: {document.count(equal, 'more point')}." if equal else ""
    only_in = [("the base", len(keys - others)), ("the other", len(others - keys))]
    missing = "".join(f" Only in {side}: {document.count(number, 'point')}." for side, number in only_in if number)
    return [
        document.paragraph(links, moved, differing, equal_text, missing, class_="sd-small"),
        *([table] if rows else []),
    ]


def _machine_moved(base: Record, record: Record) -> str:
    """Return a sentence on the controls that moved between two records of one machine, or an empty string."""
    sentence = describe_moves(moves(base, record))
    return f" {sentence[:1].upper()}{sentence[1:]}." if sentence else ""


def _record(record: Record) -> Markup:
    return element("a", f"record {record.id}", href=record_path(record.id))


def common(comparisons: Sequence[Comparison]) -> tuple[str, ...]:
    """Return the differences that all compared points share, in their order."""
    compared = [comparison.differences for comparison in comparisons if not comparison.refused]
    return tuple(name for name in compared[0] if all(name in rest for rest in compared)) if compared else ()


def ratio(comparison: Comparison) -> str:
    if comparison.ratio is None or comparison.low is None or comparison.high is None:
        return ""
    bounds = [
        format_figure(Figure(value, comparison.low, comparison.high, "×"))
        for value in (comparison.ratio, comparison.low, comparison.high)
    ]
    return f"{bounds[0]} ({bounds[1].removesuffix('×')} to {bounds[2].removesuffix('×')})"


def _between_runs(comparison: Comparison) -> str | None:
    return f"One run differs from the next {comparison.between}" if comparison.between else None


def in_words(comparison: Comparison, shared: Sequence[str] = ()) -> str:
    """Return the outcome with the differences not in `shared`, or why there is none."""
    if comparison.refused:
        return f"not compared: {comparison.refused}"
    own = [name for name in comparison.differences if name not in shared]
    word = comparison.machine if comparison.word == MACHINE else comparison.word
    return f"{word} ({'; '.join(own)})" if own else word


def changelog(site: Site) -> Page:
    """Return the page of figures that changed between successive records of an example, machine and device."""
    steps = sorted(_steps(site), key=lambda step: (step[1].measured_at, step[1].id), reverse=True)
    blocks: list[str | Markup | None] = [
        document.paragraph(
            "When an example is measured again on a machine, the newer record replaces the older one; both keep their "
            f"addresses. A figure has moved if the whole {INTERVAL} of the ratio is more than 5 % away from 1; the "
            "interval includes the spread between runs. If the controls of the two runs differ, the machine itself "
            "moved, and a change that this explains does not count."
        )
    ]
    blocks += [block for older, newer in steps for block in _step(site, older, newer)]
    if not steps:
        blocks.append(document.paragraph("No example has been measured twice on one machine yet."))
    return document.page("changelog.md", "Changelog of figures", "What moved between records, and by how much.", blocks)


def _steps(site: Site) -> Iterator[tuple[Record, Record]]:
    by_place: dict[tuple[str, str, str], list[Record]] = {}
    for record in sorted(site.records.values(), key=lambda record: (record.measured_at, record.id)):
        if record.id not in site.withdrawn:
            by_place.setdefault((record.example, site.machine_key(record), record.device), []).append(record)
    for records in by_place.values():
        yield from pairwise(records)


def _step(site: Site, older: Record, newer: Record) -> list[str | Markup]:
    sides: tuple[RecordView, RecordView] = view_of(site, older), view_of(site, newer)
    title = f"{newer.example}, {sides[1].date}"
    place = f" of {sides[0].date} on {sides[1].label}, {newer.device}. "
    links = join([_record(newer), " after ", _record(older), place])
    if older.digest != newer.digest or older.method != newer.method:
        what = "method of measuring" if older.method != newer.method else "source of the example"
        return [
            document.heading(title, newer.id),
            document.paragraph(links, f"The {what} changed, so they are not compared."),
        ]
    keys = [point.key for point in newer.points if older.point(point.key)]
    comparisons = [compare(older, newer, key, run_history(site)) for key in keys]
    moved = [comparison for comparison in comparisons if comparison.word in MOVED]
    compared, shared = [comparison for comparison in comparisons if not comparison.refused], common(comparisons)
    counted = f"{len(moved)} of {document.count(len(compared), 'compared figure')} moved."
    differing = f" Differences between the two: {'; '.join(shared)}." if shared else ""
    blocks: list[str | Markup] = [
        document.heading(title, newer.id),
        document.paragraph(links, counted, _machine_moved(older, newer), differing),
    ]
    if moved:
        rows = [
            document.row(
                point_label(newer, comparison.key),
                *(element("td", linked(side, comparison.key) or NONE, class_="sd-number") for side in sides),
                element("td", ratio(comparison), class_="sd-number", title=_between_runs(comparison)),
                in_words(comparison, shared),
                id=f"{newer.id}.{point_id(comparison.key)}",
            )
            for comparison in moved
        ]
        columns = ("Figure", *(document.number_head(name) for name in ("Before", "After", "Ratio")), "Result")
        blocks.append(document.table(f"What moved in {newer.example}", columns, rows))
    return blocks
