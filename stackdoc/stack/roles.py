"""The roles of the handbook: {verdict}, {fact} and {calc}, and how a source is cited in running text."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from stackdoc.errors import did_you_mean
from stackdoc.render.domain import Role
from stackdoc.render.fences.passage import plain
from stackdoc.render.html.element import element
from stackdoc.render.values.points import Location
from stackdoc.render.values.record_view import RecordView
from stackdoc.site.site import Site
from stackdoc.stack.claims import block as claims_block
from stackdoc.stack.claims.verdict import Verdict
from stackdoc.stack.facts.tables import fact_value
from stackdoc.stack.handbook import handbook
from stackdoc.stack.laws import calc
from stackdoc.stack.taxonomies.links import qualified_link


def verdict(site: Site, text: str, place: Location) -> Markup:
    """The verdict of the machine chosen on a claim, its reason as the title."""
    if text not in handbook(site).claims:
        raise place.refuse(f"unknown claim {text!r}", did_you_mean(text, handbook(site).claims))
    claim, address = handbook(site).claims[text], f"/claims/#claim-{text}"

    def chip(_: RecordView | None, found: Verdict) -> Markup:
        title = plain(found.reason)
        return element(
            "a", claims_block.verdict_chip(claim, found), class_="sd-verdict-link", href=address, title=title
        )

    return claims_block.for_each_choice(site, claim, chip)


def fact(site: Site, text: str, place: Location) -> Markup:
    """A cited number with its unit; conditions, source and date in the title."""
    if text not in handbook(site).facts:
        raise place.refuse(f"unknown fact {text!r}", did_you_mean(text, handbook(site).facts))
    found = handbook(site).facts[text]
    title = ". ".join(part for part in (found.quantity, found.conditions, f"{found.source}, {found.as_of}") if part)
    return element("a", fact_value(found), class_="sd-cited", href=f"/facts/#fact-{text}", title=title)


def cited(site: Site, text: str, place: Location) -> Markup | None:
    """The short citation of a source or of one of its rows; None for anything else."""
    source = text.partition(":")[0]
    known = {taxonomy.source.id: taxonomy for taxonomy in handbook(site).stack.taxonomies}
    if source not in known:
        return None
    labels = [f"{source}:{row.label}" for row in known[source].layers]
    if ":" in text and text not in labels:
        raise place.refuse(f"unknown source layer {text!r}", did_you_mean(text, labels))
    return element("cite", "(", qualified_link(text), ")", class_="sd-cite")


ROLES: Mapping[str, Role] = {"verdict": verdict, "fact": fact, "calc": calc.calc_role}
