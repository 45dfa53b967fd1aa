"""Measurements far above their prediction without a reason, and predictions that bound nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from stackdoc.errors import Problem
from stackdoc.model.example import Example
from stackdoc.model.record import Record
from stackdoc.render.html.document import count
from stackdoc.render.values.record_view import RecordView, view_of
from stackdoc.site.site import Site
from stackdoc.stack.gaps.gap import WIDE, Gap, bounds, least, times_predicted, wide
from stackdoc.stack.gaps.reasons import covers, place_of
from stackdoc.stack.handbook import handbook
from stackdoc.stack.sceptic.reference import judged


def findings(site: Site) -> Iterator[Problem]:
    """A line for each name of a point, with the range over its parameters."""
    for view in judged(site):
        times = times_predicted(view.record)
        unexplained = {key: one for key, one in wide(view.record).items() if not _explained(site, view, key)}
        hint = f"reach the bound, mend the prediction, or give the cause in {site.layout.data}/gaps/"
        yield from _by_name(site, view, unexplained, "{} times their prediction", hint)
        said = {point.key: point.prediction for point in view.record.points if point.prediction}
        below = {key: one for key, one in times.items() if one < least(said[key])}
        no_bound = {key: one for key, one in below.items() if bounds(said[key])}
        wrong = {key: one for key, one in below.items() if key not in no_bound}
        hint = "correct the law or the roof"
        yield from _by_name(site, view, no_bound, "{} of their prediction, which is no bound", hint)
        hint = "correct what the estimate adds up"
        yield from _by_name(site, view, wrong, "{} of their estimate", hint)
    yield from _needless(site)


def _needless(site: Site) -> Iterator[Problem]:
    """Reasons whose points lie far above their prediction in no record of the present source, on any machine."""
    read = {view.record.example for view in judged(site)}
    for gap in handbook(site).gaps.values():
        if gap.example in read and not any(_shows(site, gap, record) for record in site.records.values()):
            place = place_of(site, gap, "points")
            message = f"explains no gap: none of its points is at more than {WIDE:g} times its prediction"
            yield Problem(place.file, place.line, gap.id, message, "take it away")


def _shows(site: Site, gap: Gap, record: Record) -> bool:
    if record.example != gap.example or not site.examples[gap.example].matches(record.digest):
        return False
    return any(covers(site, gap, view_of(site, record), key) for key in wide(record))


def _explained(site: Site, view: RecordView, key: str) -> bool:
    return any(covers(site, gap, view, key) for gap in handbook(site).gaps.values())


def _by_name(site: Site, view: RecordView, times: Mapping[str, float], said: str, hint: str) -> Iterator[Problem]:
    example, names = site.examples[view.record.example], dict.fromkeys(key.partition(";")[0] for key in times)
    for name in names:
        found = [one for key, one in times.items() if key.partition(";")[0] == name]
        every = [point for point in view.record.points if point.name == name and point.prediction]
        low, high = (f"{one:.3g}" for one in (min(found), max(found)))
        words = said.format(low if low == high else f"{low} to {high}")
        message = f"{name}: {len(found)} of {count(len(every), 'predicted point')} at {words}"
        yield Problem(example.path, line_of(example, name), "", f"{message} (record {view.record.id})", hint)


def line_of(example: Example, name: str) -> int:
    """The line that predicts the point; where its name is computed, that of the first prediction."""
    calls = (rf"predict\(\s*f?[\"']{re.escape(name)}[\"']", r"\.predict\(", r"(?m)^# \[tool\.stackdoc\]")
    found = next((one for call in calls if (one := re.search(call, example.source))), None)
    return example.source.count("\n", 0, found.start()) + 1 if found else 0
