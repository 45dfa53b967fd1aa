"""What is taken on trust: claims without a doubt and its answer, too few that are tested, facts read second hand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackdoc.errors import Problem
from stackdoc.site.site import Site
from stackdoc.stack.claims.places import place_of
from stackdoc.stack.claims.types import Claim
from stackdoc.stack.handbook import handbook

TESTED = 30  # claims at least that a processor tests
TRUSTED = 1 / 5  # of all facts that may be read second hand
SECOND_HAND = re.compile(r"\bsecond[- ]hand\b", re.IGNORECASE)


def findings(site: Site) -> Iterator[Problem]:
    yield from _without_doubt(site)
    yield from _too_few(site)
    yield from _second_hand(site)


def _without_doubt(site: Site) -> Iterator[Problem]:
    for claim in handbook(site).claims.values():
        if not claim.doubt:
            place = place_of(site, claim)
            hint = "say the best objection in doubt, and what we reply in answer"
            yield Problem(place.file, place.line, claim.id, "has no doubt and no answer", hint)


def _too_few(site: Site) -> Iterator[Problem]:
    claims = handbook(site).claims.values()
    tested = [claim for claim in claims if claim.state == "tested" and _on_a_processor(site, claim)]
    if claims and len(tested) < TESTED:
        message = f"{len(tested)} of {len(claims)} claims are tested on a CPU"
        yield Problem(f"{site.layout.data}/claims", 0, "", message, f"test {TESTED}")


def _on_a_processor(site: Site, claim: Claim) -> bool:
    example = site.examples.get(claim.predicate.example) if claim.predicate else None
    return example is not None and "cpu" in example.devices and (not claim.devices or "cpu" in claim.devices)


def _second_hand(site: Site) -> Iterator[Problem]:
    facts = handbook(site).facts
    found = [fact.id for fact in facts.values() if SECOND_HAND.search(fact.note)]
    if len(found) > TRUSTED * len(facts):
        message = f"{len(found)} of {len(facts)} facts are read second hand: {', '.join(found)}"
        yield Problem(f"{site.layout.data}/facts", 0, "", message, "read them in their sources")
