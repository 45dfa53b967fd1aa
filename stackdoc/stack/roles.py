"""The roles of the handbook: `verdict`, `fact` and `calc`, and the citation of a source in running text."""

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
    """Render the verdict of the selected machine on a claim, with the reason as the title."""
    if text not in handbook(site).claims:
        raise place.refuse(f"unknown claim {text!r}", did_you_mean(text, handbook(site).claims))
    claim, address = handbook(site).claims[text], f"/claims/#claim-{text}"

    def chip(_: RecordView | None, judged: Verdict) -> Markup:
        title = plain(judged.reason)
        return element(
            "a", claims_block.verdict_chip(claim, judged), class_="sd-verdict-link", href=address, title=title
        )

    return claims_block.for_each_choice(site, claim, chip)


def fact(site: Site, text: str, place: Location) -> Markup:
    """Render a cited number with its unit; conditions, source and date are in the title."""
    if text not in handbook(site).facts:
        raise place.refuse(f"unknown fact {text!r}", did_you_mean(text, handbook(site).facts))
    cited_fact = handbook(site).facts[text]
    title = ". ".join(
        part
        for part in (cited_fact.quantity, cited_fact.conditions, f"{cited_fact.source}, {cited_fact.as_of}")
        if part
    )
    return element("a", fact_value(cited_fact), class_="sd-cited", href=f"/facts/#fact-{text}", title=title)


def cited(site: Site, text: str, place: Location) -> Markup | None:
    """Render the short citation of a source or of one of its rows; None for any other text."""
    source = text.partition(":")[0]
    taxonomies = {taxonomy.source.id: taxonomy for taxonomy in handbook(site).stack.sources}
    if source not in taxonomies:
        return None
    labels = [f"{source}:{row.label}" for row in taxonomies[source].layers]
    if ":" in text and text not in labels:
        raise place.refuse(f"unknown source layer {text!r}", did_you_mean(text, labels))
    return element("cite", "(", qualified_link(text), ")", class_="sd-cite")


ROLES: Mapping[str, Role] = {"verdict": verdict, "fact": fact, "calc": calc.calc_role}
