"""Two machines, or two profiles of one, point by point; and what moved between successive records.

A ratio stands only where `statistics.compare` gives one; every difference between the sides stands beside it.
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
from stackdoc.site.experience import experience
from stackdoc.site.site import Site
from stackdoc.statistics import Comparison, Figure, compare, format_figure
from stackdoc.statistics.controls import moves, told

REFUSED = "not compared"
MOVED = ("faster", "slower", "higher", "lower")
MACHINE = "the machine itself moved"
WORDS = (*MOVED, "less than 5 % apart", "no difference we can measure", MACHINE, "ambiguous", REFUSED)


@dataclass(frozen=True)
class Side:
    """One machine and device, or one profile there; `records` by example."""

    key: str
    label: str
    records: Mapping[str, Record]


def pages(site: Site) -> tuple[Page, ...]:
    """`compare/index.md`, and a page for each pair of sides that have an example in common."""
    found = tuple(pairs(site))
    return (_index(found), *(_page(site, *pair) for pair in found))


def pairs(site: Site) -> Iterator[tuple[Side, Side]]:
    """Every two machines; then the profiles of each. The first of a pair is the base."""
    sides = [_side(site, choice.machine, choice.device, choice.key, choice.label) for choice in choices(site)]
    profiles = [_profiles(site, choice.machine, choice.device, choice.key, choice.label) for choice in choices(site)]
    for one, other in (*combinations(sides, 2), *profiles):
        if one.records.keys() & other.records.keys():
            yield one, other


def _side(site: Site, machine: str, device: str, key: str, label: str) -> Side:
    current = ((example, site.current(example, machine, device)) for example in sorted(site.examples))
    return Side(key, label, {example: record for example, record in current if record is not None})


def _profiles(site: Site, machine: str, device: str, key: str, label: str) -> tuple[Side, Side]:
    def side(profile: str) -> Side:
        ran = {id: record for id, record in site.records.items() if record.profile == profile}
        current = current_records(ran, site.examples, site.measured_here, site.withdrawn, site.contributed)
        found = {example: record for (example, *place), record in current.items() if place == [machine, device]}
        return Side(f"{key}.{profile}", f"{label}, {profile} runs", found)

    return side("quick"), side("full")


def address(one: Side, other: Side) -> str:
    return f"compare/{other.key}-against-{one.key}"


def of_machine(site: Site, machine: str) -> Markup:
    """The pages on which the machine stands beside another, or a profile of it beside the other."""
    found = [pair for pair in pairs(site) if any(side.key.startswith(f"{machine}.") for side in pair)]
    links = [element("a", _title(*pair), href=f"/{address(*pair)}/") for pair in found]
    return document.listing(links) or document.paragraph("Nothing yet: no other machine has a record of its examples.")


def _title(one: Side, other: Side) -> str:
    machine = one.label.removesuffix(", quick runs")
    if other.label == f"{machine}, full runs":
        return f"{machine}: full runs against quick ones"
    return f"{other.label}, against {one.label}"


def _index(found: Sequence[tuple[Side, Side]]) -> Page:
    blocks: list[str | Markup | None] = [
        document.paragraph(
            "Two machines side by side, point by point. A ratio is given where method, source and sizes agree and both "
            "sides have at least six undisturbed launches. Its 95 % interval holds how launches differ, how one run "
            "differs from the next, and how far the controls say that the machine itself moved; a difference is called "
            "one only where this interval leaves 5 % either way. There is no overall score."
        )
    ]
    if found:
        columns = ("Compared", "With, the base", document.number_head("Examples in common"))
        rows = [_listed(one, other) for one, other in found]
        blocks.append(document.table("Comparisons", columns, rows))
    else:
        blocks.append(
            document.paragraph(
                "Only one machine has records, so there is nothing to compare yet. Run ",
                element("kbd", "stackdoc measure"),
                " on another one and keep the records of both: each pair of machines then has a page here. ",
                element("kbd", "stackdoc compare A B"),
                " compares two records or two machines on the command line.",
            )
        )
    return document.page("compare/index.md", "Compare", "Machines side by side, point by point.", blocks)


def _listed(one: Side, other: Side) -> Markup:
    common = len(one.records.keys() & other.records.keys())
    link = element("a", other.label, href=f"/{address(one, other)}/")
    return document.row(link, one.label, element("td", common, class_="sd-number"))


def _page(site: Site, one: Side, other: Side) -> Page:
    title = _title(one, other)
    title = f"{title[:1].upper()}{title[1:]}"
    blocks: list[str | Markup | None] = [
        document.paragraph(
            f"The base is {one.label}. A ratio of 2 takes twice as long, or is twice as much, as there.",
        )
    ]
    examples = sorted(one.records.keys() & other.records.keys())
    sides = {example: (one.records[example], other.records[example]) for example in examples}
    compared = {example: _compared(site, *pair) for example, pair in sides.items()}
    blocks.append(_glance(site, compared))
    for example, pair in sides.items():
        blocks += [document.heading(_name(site, example), example.replace("/", "-"))]
        blocks += _example(site, *pair, compared[example])
    return document.page(f"{address(one, other)}.md", title, f"{title}, point by point.", blocks)


def _name(site: Site, example: str) -> str:
    return site.examples[example].title if example in site.examples else example


def _glance(site: Site, compared: Mapping[str, Sequence[Comparison]]) -> Markup:
    """How many points of each example are said to be what; there is no sum over examples, which would mean nothing."""
    counts = {example: Counter(one.word or REFUSED for one in found) for example, found in compared.items()}
    words = [word for word in WORDS if any(word in count for count in counts.values())]
    rows = [
        document.row(
            element("a", _name(site, example), href=f"#{document.slug(example)}"),
            *(element("td", count[word] or "", class_="sd-number") for word in words),
        )
        for example, count in counts.items()
    ]
    heads = [document.number_head(f"{word[:1].upper()}{word[1:]}") for word in words]
    return document.table("Points by example, as compared with the base", ("Example", *heads), rows, "sd-grouped")


def _compared(site: Site, base: Record, record: Record) -> list[Comparison]:
    """The points that both have."""
    others = {point.key for point in record.points if point.launches}
    keys = [point.key for point in base.points if point.launches and point.key in others]
    return [compare(base, record, key, experience(site)) for key in keys]


def _example(site: Site, base: Record, record: Record, compared: Sequence[Comparison]) -> list[Markup]:
    """Where the two differ: both figures, then the ratio or why there is none; and how many other points there are."""
    views = view_of(site, base), view_of(site, record)
    keys, others = ({point.key for point in side.points if point.launches} for side in (base, record))
    found, shared = [one for one in compared if not one.low == one.high == 1], common(compared)
    rows = [
        document.row(
            point_label(base, one.key),
            *(element("td", linked(view, one.key) or NONE, class_="sd-number") for view in views),
            element("td", ratio(one) or NONE, class_="sd-number", title=_of_runs(one)),
            said(one, shared),
            id=f"{base.example.replace('/', '-')}.{point_id(one.key)}",
        )
        for one in found
    ]
    columns = ("Point", *(document.number_head(name) for name in ("Base", "Compared", "Ratio")), "In words")
    table = document.table(f"{base.example}, point by point", columns, rows)
    links = join([_record(base), " is the base, ", _record(record), " is compared with it."])
    differing = f" Differing between the two: {'; '.join(shared)}." if shared else ""
    moved = _of_the_machine(base, record)
    same = len(compared) - len(found)
    equal = f" Of {document.count(same, 'point')} more, all launches of both say the same." if same else ""
    alone = [("the base", len(keys - others)), ("the other", len(others - keys))]
    missing = "".join(f" Only {side} has {document.count(number, 'more point')}." for side, number in alone if number)
    return [document.paragraph(links, moved, differing, equal, missing, class_="sd-small"), *([table] if rows else [])]


def _of_the_machine(base: Record, record: Record) -> str:
    """A sentence on the controls that moved between two records of one machine, or nothing."""
    found = told(moves(base, record))
    return f" {found[:1].upper()}{found[1:]}." if found else ""


def _record(record: Record) -> Markup:
    return element("a", f"record {record.id}", href=record_path(record.id))


def common(found: Sequence[Comparison]) -> tuple[str, ...]:
    """The differences that all compared points share, in their order."""
    compared = [one.differences for one in found if not one.refused]
    return tuple(name for name in compared[0] if all(name in rest for rest in compared)) if compared else ()


def ratio(one: Comparison) -> str:
    if one.ratio is None or one.low is None or one.high is None:
        return ""
    bounds = [format_figure(Figure(value, one.low, one.high, "×")) for value in (one.ratio, one.low, one.high)]
    return f"{bounds[0]} ({bounds[1].removesuffix('×')} to {bounds[2].removesuffix('×')})"


def _of_runs(one: Comparison) -> str | None:
    return f"One run differs from the next {one.between}" if one.between else None


def said(one: Comparison, shared: Sequence[str] = ()) -> str:
    """The word that may be said, with differences of its own; or why nothing is."""
    if one.refused:
        return f"not compared: {one.refused}"
    own = [name for name in one.differences if name not in shared]
    word = one.machine if one.word == MACHINE else one.word
    return f"{word} ({'; '.join(own)})" if own else word


def changelog(site: Site) -> Page:
    """What moved by more than its noise between successive records of one example, machine and device."""
    steps = sorted(_steps(site), key=lambda step: (step[1].measured_at, step[1].id), reverse=True)
    blocks: list[str | Markup | None] = [
        document.paragraph(
            "When an example is measured again on a machine, the newer record takes the place of the older; both stay "
            "at their addresses. A figure has moved where the 95 % interval of the ratio leaves 5 % either way; the "
            "interval holds how one run differs from the next. Where the controls of the two runs differ, it was the "
            "machine itself that moved, and what they explain is no move of a figure."
        )
    ]
    blocks += [block for older, newer in steps for block in _step(site, older, newer)]
    if not steps:
        blocks.append(document.paragraph("No example has been measured twice on one machine yet."))
    return document.page("changelog.md", "Changelog of figures", "What moved between records, and by how much.", blocks)


def _steps(site: Site) -> Iterator[tuple[Record, Record]]:
    lines: dict[tuple[str, str, str], list[Record]] = {}
    for record in sorted(site.records.values(), key=lambda record: (record.measured_at, record.id)):
        if record.id not in site.withdrawn:
            lines.setdefault((record.example, site.machine_key(record), record.device), []).append(record)
    for found in lines.values():
        yield from pairwise(found)


def _step(site: Site, older: Record, newer: Record) -> list[str | Markup]:
    view: tuple[RecordView, RecordView] = view_of(site, older), view_of(site, newer)
    title = f"{newer.example}, {view[1].date}"
    where = f" of {view[0].date} on {view[1].label}, {newer.device}. "
    links = join([_record(newer), " after ", _record(older), where])
    if older.digest != newer.digest or older.method != newer.method:
        what = "method of measuring" if older.method != newer.method else "source of the example"
        return [document.heading(title, newer.id), document.paragraph(links, f"The {what} changed: not compared.")]
    keys = [point.key for point in newer.points if older.point(point.key)]
    found = [compare(older, newer, key, experience(site)) for key in keys]
    moved = [one for one in found if one.word in MOVED]
    compared, shared = [one for one in found if not one.refused], common(found)
    counted = f"{len(moved)} of {document.count(len(compared), 'compared figure')} moved."
    differing = f" Differing between the two: {'; '.join(shared)}." if shared else ""
    blocks: list[str | Markup] = [
        document.heading(title, newer.id),
        document.paragraph(links, counted, _of_the_machine(older, newer), differing),
    ]
    if moved:
        rows = [
            document.row(
                point_label(newer, one.key),
                *(element("td", linked(side, one.key) or NONE, class_="sd-number") for side in view),
                element("td", ratio(one), class_="sd-number", title=_of_runs(one)),
                said(one, shared),
                id=f"{newer.id}.{point_id(one.key)}",
            )
            for one in moved
        ]
        columns = ("Figure", *(document.number_head(name) for name in ("Before", "After", "Ratio")), "In words")
        blocks.append(document.table(f"What moved in {newer.example}", columns, rows))
    return blocks
