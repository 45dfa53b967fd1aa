"""Find what readers must take on trust: claims without a doubt, too few tested claims, second-hand facts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackdoc.errors import Problem
from stackdoc.site.site import Site
from stackdoc.stack.claims.locations import location_of
from stackdoc.stack.claims.types import Claim
from stackdoc.stack.handbook import handbook

TESTED = 30  # least number of claims tested on a CPU
TRUSTED = 1 / 5  # largest share of second-hand facts
SECOND_HAND = re.compile(r"\bsecond[- ]hand\b", re.IGNORECASE)


def findings(site: Site) -> Iterator[Problem]:
    yield from _without_doubt(site)
    yield from _too_few_tested(site)
    yield from _second_hand(site)


def _without_doubt(site: Site) -> Iterator[Problem]:
    for claim in handbook(site).claims.values():
        if not claim.doubt:
            place = location_of(site, claim)
            hint = "give the best objection as doubt and the reply as answer"
            yield Problem(place.file, place.line, claim.id, "has no doubt and no answer", hint)


def _too_few_tested(site: Site) -> Iterator[Problem]:
    claims = handbook(site).claims.values()
    tested = [claim for claim in claims if claim.state == "tested" and _is_tested_on_cpu(site, claim)]
    if claims and len(tested) < TESTED:
        message = f"{len(tested)} of {len(claims)} claims are tested on a CPU"
        yield Problem(f"{site.layout.data}/claims", 0, "", message, f"test at least {TESTED}")


def _is_tested_on_cpu(site: Site, claim: Claim) -> bool:
    example = site.examples.get(claim.predicate.example) if claim.predicate else None
    return example is not None and "cpu" in example.devices and (not claim.devices or "cpu" in claim.devices)


def _second_hand(site: Site) -> Iterator[Problem]:
    facts = handbook(site).facts
    listed = [fact.id for fact in facts.values() if SECOND_HAND.search(fact.note)]
    if len(listed) > TRUSTED * len(facts):
        message = f"{len(listed)} of {len(facts)} facts are second-hand: {', '.join(listed)}"
        yield Problem(f"{site.layout.data}/facts", 0, "", message, "read the primary sources")
