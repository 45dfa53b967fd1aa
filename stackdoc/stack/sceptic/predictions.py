"""Find unexplained gaps between measurement and prediction, and bounds that measurements undercut."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from stackdoc.errors import Problem
from stackdoc.model.example import Example
from stackdoc.model.record import Record
from stackdoc.render.html.document import count
from stackdoc.render.values.record_view import RecordView, view_of
from stackdoc.site.site import Site
from stackdoc.stack.gaps.gap import WIDE, Gap, is_bound, lower_limit, ratios_to_prediction, wide_gaps
from stackdoc.stack.gaps.reasons import covers, location_of
from stackdoc.stack.handbook import handbook
from stackdoc.stack.sceptic.judged import judged


def findings(site: Site) -> Iterator[Problem]:
    """Yield a problem for each point name, with the range over its parameters."""
    for view in judged(site):
        ratios = ratios_to_prediction(view.record)
        unexplained = {key: ratio for key, ratio in wide_gaps(view.record).items() if not _explained(site, view, key)}
        hint = f"reach the bound, correct the prediction, or give the cause in {site.layout.data}/gaps/"
        yield from _by_name(site, view, unexplained, "{} times their prediction", hint)
        predictions = {point.key: point.prediction for point in view.record.points if point.prediction}
        undercut = {key: ratio for key, ratio in ratios.items() if ratio < lower_limit(predictions[key])}
        not_bounds = {key: ratio for key, ratio in undercut.items() if is_bound(predictions[key])}
        wrong_estimates = {key: ratio for key, ratio in undercut.items() if key not in not_bounds}
        hint = "correct the law or the roof"
        yield from _by_name(site, view, not_bounds, "{} of their prediction, so it is not a bound", hint)
        hint = "correct what the estimate adds up"
        yield from _by_name(site, view, wrong_estimates, "{} of their estimate", hint)
    yield from _unneeded_reasons(site)


def _unneeded_reasons(site: Site) -> Iterator[Problem]:
    """Yield a problem for each reason whose gap no current record on any machine shows."""
    examples = {view.record.example for view in judged(site)}
    for gap in handbook(site).gaps.values():
        if gap.example in examples and not any(_shows(site, gap, record) for record in site.records.values()):
            place = location_of(site, gap, "points")
            message = f"explains no gap: none of its points is at more than {WIDE:g} times its prediction"
            yield Problem(place.file, place.line, gap.id, message, "remove it")


def _shows(site: Site, gap: Gap, record: Record) -> bool:
    if record.example != gap.example or not site.examples[gap.example].matches(record.digest):
        return False
    return any(covers(site, gap, view_of(site, record), key) for key in wide_gaps(record))


def _explained(site: Site, view: RecordView, key: str) -> bool:
    return any(covers(site, gap, view, key) for gap in handbook(site).gaps.values())


def _by_name(site: Site, view: RecordView, ratios: Mapping[str, float], template: str, hint: str) -> Iterator[Problem]:
    example, names = site.examples[view.record.example], dict.fromkeys(key.partition(";")[0] for key in ratios)
    for name in names:
        own_ratios = [ratio for key, ratio in ratios.items() if key.partition(";")[0] == name]
        predicted = [point for point in view.record.points if point.name == name and point.prediction]
        low, high = (f"{bound:.3g}" for bound in (min(own_ratios), max(own_ratios)))
        words = template.format(low if low == high else f"{low} to {high}")
        message = f"{name}: {len(own_ratios)} of {count(len(predicted), 'predicted point')} at {words}"
        yield Problem(example.path, line_of(example, name), "", f"{message} (record {view.record.id})", hint)


def line_of(example: Example, name: str) -> int:
    """Return the line that predicts the point, or the first prediction if its name is computed."""
    calls = (rf"predict\(\s*f?[\"']{re.escape(name)}[\"']", r"\.predict\(", r"(?m)^# \[tool\.stackdoc\]")
    match = next((candidate for call in calls if (candidate := re.search(call, example.source))), None)
    return example.source.count("\n", 0, match.start()) + 1 if match else 0
