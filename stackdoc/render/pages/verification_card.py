"""The first screen of a record's page: what it says, whether that still counts, and how to check it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from markupsafe import Markup

from stackdoc.model.record import Point, Ratio, Record
from stackdoc.render.html import document
from stackdoc.render.html.document import TERSE
from stackdoc.render.html.element import element, join, line
from stackdoc.render.pages import repetition
from stackdoc.render.pages.compare.wording import gain
from stackdoc.render.values.record_view import (
    RecordView,
    anchor,
    date_of,
    figure_of,
    interval_text,
    items,
    point_id,
    point_label,
    record_path,
    summary_of,
    unverified_note,
    view_of,
)
from stackdoc.render.values.value import datum
from stackdoc.site.run_history import run_history
from stackdoc.site.site import Site
from stackdoc.site.status import RecordStatus, status_of
from stackdoc.statistics import Comparison, Quality, compare, format_figure
from stackdoc.statistics.comparison import MOVED

MAIN = 4  # figures, at most
SHORT = 6  # rows of a table that is not folded
QUALITIES: Mapping[Quality, str] = {
    "quiet": "undisturbed, and the launches agree within 5 %",
    "spread": "undisturbed, but the launches differ by more than 5 %, or are too few for an interval",
    "shared": "disturbed by other programs, so each is a bound: the best block",
    "throttled": "measured while the device lowered its clock",
    "launch-bound": "limited by the launching of the work, not by the device",
    "unstable": "unstable: the interval is wider than ±20 %, or the launches form two groups",
}
COLUMNS = ("Figure", "Then", "Now", "Now over then", "Result")


def card(site: Site, view: RecordView) -> Markup:
    """Return the card; it has no ids, since the sections below it have those of the figures."""
    record, status = view.record, status_of(site, view.record)
    commit = f", commit {record.commit[:12]}" if record.commit else ""
    facts = [
        ("Machine", _machine(site, view)),
        ("Measured", f"{view.date} UTC{age(site, record)}, by a {record.profile} run of {record.launched} processes"),
        ("Quality", document.sentence("; ".join(qualities(record))) if qualities(record) else ""),
        ("Source", join([example_link(view), commit])),
        ("SHA-256", element("code", record.sha256)),
    ]
    links = [element("a", name, href=f"#{place}") for name, place in (("Cite", "cite"), ("All figures", "figures"))]
    newest = then_and_now(site, record, status.newest) if status.newest else None
    shown = [fact for fact in facts if fact[1]]
    return element(
        "section",
        _status(status),
        element("div", _figures(view), newest, document.definitions(shown, TERSE)),
        element(
            "div", *repetition.how_to(site, record), repetition.people(site, record), element("p", join(links, " · "))
        ),
        class_="sd-verification",
        aria_label="Verification",
    )


def _status(status: RecordStatus) -> Markup:
    """Return whether the record is current, and what replaced it."""
    link = element("a", f"record {status.newest.id}", href=record_path(status.newest.id)) if status.newest else None
    day = date_of(status.newest) if status.newest else ""
    words: dict[str, list[object]] = {
        "current": ["Current: pages show this record for its example and machine."],
        "superseded": ["Superseded by ", link, f" of {day}. This page does not change."],
        "older source": [document.sentence(status.reason)],
        "no example": ["Its example is no longer part of the site. This page does not change."],
        "withdrawn": [element("strong", document.sentence(status.reason)), " Do not rely on these figures."],
    }
    instead = [" Use ", link, " instead."] if status.word == "withdrawn" and link else []
    return element("p", *words[status.word], *instead, class_="sd-status", data_status=status.word.replace(" ", "-"))


def main_keys(record: Record) -> list[str]:
    """Return the figures that stand for the record: of each name the last, ratios before values before times."""
    last: dict[str, Point | Ratio] = {item.name: item for item in items(record)}

    def rank(item: Point | Ratio) -> int:
        return 0 if isinstance(item, Ratio) else 1 if item.kind == "value" else 2

    return [item.key for item in sorted(last.values(), key=rank)][:MAIN]


def _figures(view: RecordView) -> Markup:
    """Return the main figures with their intervals, and a hidden place for the one that a reader followed."""
    followed = element("div", element("dt"), element("dd"), class_="sd-followed", hidden=True)
    shown = [(key, figure) for key in main_keys(view.record) if (figure := figure_of(view, key)) is not None]
    rows = [
        element(
            "div",
            element("dt", element("a", point_label(view.record, key), href=f"#{anchor(key)}")),
            element("dd", element("strong", datum(view, key)), " ", interval_text(figure)),
        )
        for key, figure in shown
    ]
    return element("dl", followed, *rows, class_="sd-main-figures")


def _machine(site: Site, view: RecordView) -> Markup:
    record = view.record
    name = line(record.machine.label_on(record.device)) + unverified_note(site, [record])
    threads = document.count(record.threads, "thread")
    link = element("a", name, href=f"/machines/{record.machine.id}/")
    return join([link, f" ({record.machine.id}), {record.device}, {threads}"])


def age(site: Site, record: Record) -> str:
    """Return how much older the record is than the newest of the site, which knows no other clock."""
    try:
        days = (date.fromisoformat(site.newest) - date.fromisoformat(date_of(record))).days
    except ValueError:  # a malformed date, or no record of the project's own
        return ""
    if days <= 0:
        return ", as new as the newest record of this site"
    return f", {document.count(days, 'day')} before the newest record of this site ({site.newest})"


def qualities(record: Record) -> list[str]:
    """Return how good the timings are, in plain words: `all 6 figures are undisturbed, and …`."""
    summaries = [summary for point in record.points if point.kind == "time" and (summary := summary_of(point))]
    counted = Counter(summary.quality for summary in summaries)
    every = len(summaries)
    words = []
    for quality, text in QUALITIES.items():
        if number := counted[quality]:
            who = "the timing is" if every == 1 else f"all {every} timings are" if number == every else ""
            verb = f"{number} of {every} timings {'is' if number == 1 else 'are'}"
            words.append(f"{who or verb} {text}")
    return words


def then_and_now(site: Site, record: Record, newest: Record) -> Markup:
    """Compare the record with the one that counts instead: in a sentence, and each point in a table."""
    history, old = run_history(site), record.in_full()
    keys = [point.key for point in record.points if newest.point(point.key)]
    compared = [compare(old, newest, key, history) for key in keys]
    usable = [comparison for comparison in compared if not comparison.refused]
    if not usable:
        why = compared[0].refused if compared else "the newer record has none of these figures"
        if why.startswith("digest differs"):
            why = "the example has changed since, so the newer record ran another source"
        return element("p", line(f"Then and now can’t be compared: {why}."))
    main = set(main_keys(record))
    ordered = sorted(usable, key=lambda comparison: (comparison.key not in main, keys.index(comparison.key)))
    views = view_of(site, record), view_of(site, newest)
    rows = [document.row(*_row(views, each), data_point=point_id(each.key)) for each in ordered]
    table = document.table("Then and now", COLUMNS, rows)
    fold = element("details", element("summary", "Then and now, each figure"), table, class_="sd-data")
    return join([element("p", _summary(usable, len(keys))), table if len(rows) <= SHORT else fold])


def _summary(compared: Sequence[Comparison], every: int) -> str:
    """Return `Measured again, 1 of 6 figures differs: 1 faster.`"""
    moved = Counter(comparison.word for comparison in compared if comparison.word in MOVED)
    number = sum(moved.values())
    left_out = f" {document.count(every - len(compared), 'figure')} can’t be compared." if every > len(compared) else ""
    if not number:
        return f"Measured again, none of {document.count(len(compared), 'figure')} differs.{left_out}"
    words = ", ".join(f"{count} {word}" for word, count in sorted(moved.items()))
    verb = "differs" if number == 1 else "differ"
    return f"Measured again, {number} of {document.count(len(compared), 'figure')} {verb}: {words}.{left_out}"


def _row(views: tuple[RecordView, RecordView], comparison: Comparison) -> list[str]:
    key, (then, now) = comparison.key, views
    point = then.record.point(key)
    is_time = point is not None and point.kind == "time"
    figures = [figure_of(view, key) for view in views]
    values = [format_figure(figure) if figure else "–" for figure in figures]
    ratio = gain(comparison, is_time) + (" as fast" if is_time else "")
    return [point_label(now.record, key), *values, ratio, line(comparison.word)]


def example_link(view: RecordView) -> Markup:
    """Return the id of the example, linked if the site still has it."""
    id = view.record.example
    return element("a", id, href=f"/examples/{id}/") if view.has_example else element("span", id)
