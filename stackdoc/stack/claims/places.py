"""Where a claim stands in the files of data, and what the roles in its texts do not find."""

from __future__ import annotations

from collections.abc import Iterator

from stackdoc.errors import Problem, StackdocError
from stackdoc.render.fences.passage import passage
from stackdoc.render.values.points import Location
from stackdoc.site.site import Site
from stackdoc.stack.claims.types import Claim
from stackdoc.stack.entries import place_in
from stackdoc.stack.handbook import handbook

TEXTS = ("text", "test", "shows", "sum", "missing", "doubt", "answer")


def place_of(site: Site, claim: Claim, *path: str) -> Location:
    """The line of one of its fields, or that on which it begins."""
    return place_in(site, "claims", claim, *path)


def problems(site: Site) -> Iterator[Problem]:
    """Of the roles in the texts of all claims, at their lines."""
    for claim in handbook(site).claims.values():
        for field in TEXTS:
            if "}`" in (words := str(getattr(claim, field))):
                try:
                    passage(site, words, place_of(site, claim, field))
                except StackdocError as error:
                    yield from error.problems
