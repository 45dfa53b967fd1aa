"""Find predicates that cannot fail or cannot hold, and claims whose example runs on none of their devices."""

from __future__ import annotations

from collections.abc import Iterator

from stackdoc.errors import Problem
from stackdoc.model.record import Point
from stackdoc.site.site import Site
from stackdoc.stack.claims.locations import location_of
from stackdoc.stack.claims.types import Claim, Predicate
from stackdoc.stack.handbook import handbook
from stackdoc.stack.sceptic.judged import judged
from stackdoc.stack.sceptic.planted import can_differ, planted, range_of


def findings(site: Site) -> Iterator[Problem]:
    for claim in handbook(site).claims.values():
        if claim.predicate:
            reason = fixed_outcome(claim, claim.predicate, _unit(site, claim.predicate))
            if reason:
                place = location_of(site, claim, "predicate", "value")
                hint = "choose a threshold that can fail, or change the state"
                yield Problem(place.file, place.line, claim.id, reason, hint)
            yield from _on_no_device(site, claim, claim.predicate)


def fixed_outcome(claim: Claim, predicate: Predicate, unit: str = "") -> str:
    """Return the reason why the predicate has only one possible outcome, or an empty string."""
    low, high = range_of(predicate, unit)
    if not can_differ(predicate, unit):
        certain = (predicate.op in (">", ">=")) is (predicate.value <= low)
        nature = f"{predicate.quantity} is between {low:g} and {high:g}"
        return (
            f"no outcome could {'violate' if certain else 'satisfy'} it: {nature}, the threshold is {predicate.value:g}"
        )
    answers = planted(claim, unit)
    if answers and set(answers) != {"holds", "does not hold here"}:
        return f"made-up records below and above its threshold give: {answers[0]}; {answers[1]}"
    return ""


def _unit(site: Site, predicate: Predicate) -> str:
    """Return the unit of the points in the record of the default machine, if there is one."""
    records = (view.record for view in judged(site) if view.record.example == predicate.example)
    points = (record.item(key) for record in records for key in predicate.points)
    return next((point.unit for point in points if isinstance(point, Point)), "")


def _on_no_device(site: Site, claim: Claim, predicate: Predicate) -> Iterator[Problem]:
    example = site.examples.get(predicate.example)
    if example and claim.devices and not set(claim.devices) & set(example.devices):
        place = location_of(site, claim, "devices")
        message = f"is about {', '.join(claim.devices)}, but {example.id} runs on {', '.join(example.devices)}"
        yield Problem(place.file, place.line, claim.id, message, "name an example that runs there")
