"""Choose the results that a page shows first: those that their claim decides most clearly on the site's machine."""

from __future__ import annotations

from math import log

from stackdoc.render.values.machine_switch import choices
from stackdoc.render.values.record_view import figure_of
from stackdoc.site.site import Site
from stackdoc.stack.claims.block import verdict_for
from stackdoc.stack.claims.verdict import UNDECIDED
from stackdoc.stack.handbook import handbook
from stackdoc.stack.results.result import LayerResult

FARTHEST = 100.0  # a factor from the threshold beyond which results rank alike


def telling(site: Site, number: int) -> tuple[LayerResult, ...]:
    """Return at most `number` results of the site's default machine, the most telling first.

    A result whose claim is decided comes before one that is not, a test before a proxy, an undisturbed figure before a
    disturbed one; then the distance from the threshold decides, and at last the order of the file.
    """
    return tuple(sorted(handbook(site).results.values(), key=lambda result: _rank(site, result))[:number])


def _rank(site: Site, result: LayerResult) -> tuple[bool, bool, bool, float]:
    claim = handbook(site).claims.get(result.claim)
    if claim is None or claim.predicate is None:
        return True, True, True, 0.0
    view, verdict = verdict_for(site, claim, choices(site)[0])
    if view is None or verdict.answer in UNDECIDED:
        return True, True, True, 0.0
    predicate = claim.predicate
    figures = [figure_of(view, key, predicate.quantity) for key in predicate.points]
    distances = [_distance(figure.value, predicate.value) for figure in figures if figure]
    return view.stale != (), claim.state == "proxy", verdict.disturbed, -min(distances, default=0.0)


def _distance(value: float, threshold: float) -> float:
    """Return how far the value is from the threshold, as the logarithm of their ratio, at most that of FARTHEST."""
    if threshold == 0 or value * threshold <= 0:
        return log(FARTHEST)
    return min(abs(log(value / threshold)), log(FARTHEST))
