"""Predicates that no outcome could violate or satisfy, and those whose example runs on no device of the claim."""

from __future__ import annotations

from collections.abc import Iterator

from stackdoc.errors import Problem
from stackdoc.model.record import Point
from stackdoc.site.site import Site
from stackdoc.stack.claims.places import place_of
from stackdoc.stack.claims.types import Claim, Predicate
from stackdoc.stack.handbook import handbook
from stackdoc.stack.sceptic.planted import can_differ, planted, range_of
from stackdoc.stack.sceptic.reference import judged


def findings(site: Site) -> Iterator[Problem]:
    for claim in handbook(site).claims.values():
        if claim.predicate:
            said = fixed(claim, claim.predicate, _unit(site, claim.predicate))
            if said:
                place = place_of(site, claim, "predicate", "value")
                hint = "test what can fail, or change the state"
                yield Problem(place.file, place.line, claim.id, said, hint)
            yield from _elsewhere(site, claim, claim.predicate)


def fixed(claim: Claim, wanted: Predicate, unit: str = "") -> str:
    """Why the predicate decides nothing, in words; nothing where it can come out both ways."""
    low, high = range_of(wanted, unit)
    if not can_differ(wanted, low, high):
        certain = (wanted.op in (">", ">=")) is (wanted.value <= low)
        nature = f"{wanted.quantity} lies between {low:g} and {high:g}"
        return f"no outcome could {'violate' if certain else 'satisfy'} it: {nature}, the threshold is {wanted.value:g}"
    answers = planted(claim, unit)
    if answers and set(answers) != {"holds", "does not hold here"}:
        return f"made-up records below and above its threshold give: {answers[0]}; {answers[1]}"
    return ""


def _unit(site: Site, wanted: Predicate) -> str:
    """The unit of the points in the record of the reference machine, where there is one."""
    records = (view.record for view in judged(site) if view.record.example == wanted.example)
    found = (record.item(key) for record in records for key in wanted.points)
    return next((one.unit for one in found if isinstance(one, Point)), "")


def _elsewhere(site: Site, claim: Claim, wanted: Predicate) -> Iterator[Problem]:
    example = site.examples.get(wanted.example)
    if example and claim.devices and not set(claim.devices) & set(example.devices):
        place = place_of(site, claim, "devices")
        message = f"is about {', '.join(claim.devices)}, and {example.id} runs on {', '.join(example.devices)}"
        yield Problem(place.file, place.line, claim.id, message, "name an example that runs there")
