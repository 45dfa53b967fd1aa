"""The file and line of a claim, and the problems of the roles in its texts."""

from __future__ import annotations

from collections.abc import Iterator

from stackdoc.errors import Problem, StackdocError
from stackdoc.render.fences.passage import passage
from stackdoc.render.values.points import Location
from stackdoc.site.site import Site
from stackdoc.stack.claims.types import Claim
from stackdoc.stack.entries import entry_location
from stackdoc.stack.handbook import handbook

TEXTS = ("text", "test", "shows", "sum", "missing", "doubt", "answer")


def location_of(site: Site, claim: Claim, *path: str) -> Location:
    """Return the line of one field of the claim, or the line on which the claim begins."""
    return entry_location(site, "claims", claim, *path)


def problems(site: Site) -> Iterator[Problem]:
    """Yield the problems of the roles in the texts of all claims, at their lines."""
    for claim in handbook(site).claims.values():
        for field in TEXTS:
            if "}`" in (markdown := str(getattr(claim, field))):
                try:
                    passage(site, markdown, location_of(site, claim, field))
                except StackdocError as error:
                    yield from error.problems
