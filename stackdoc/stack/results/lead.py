"""What a layer page shows first: its result, the decisions that it helps with, and the verdicts on its claims."""

from __future__ import annotations

from markupsafe import Markup

from stackdoc.render.fences.passage import plain
from stackdoc.render.html import document
from stackdoc.render.html.element import element, line
from stackdoc.site.site import Site
from stackdoc.stack.claims.block import for_each_choice, verdict_chip
from stackdoc.stack.claims.tally import verdicts_in_words
from stackdoc.stack.claims.types import Claim
from stackdoc.stack.handbook import handbook
from stackdoc.stack.results import cards


def lead(site: Site, layer: str) -> Markup | None:
    """Return the block, or None for a layer without a result, a decision and a tested claim."""
    book = handbook(site)
    result = book.results.get(layer)
    decisions = [
        element("a", decision.question, href=f"/layers/{layer}/#{decision.anchor}")
        for decision in book.decisions
        if decision.layer == layer
    ]
    rows = [
        element("p", cards.number(site, result), class_="sd-result__number") if result else None,
        element("p", cards.sentence(site, result)) if result else None,
        _row("Decide", decisions),
        _verdicts(site, layer),
    ]
    if not any(rows):
        return None
    return element("section", *rows, class_="sd-lead", aria_label="The result of this page")


def _row(name: str, links: list[Markup]) -> Markup | None:
    """Render links behind a small label."""
    if not links:
        return None
    items = (element("li", link) for link in links)
    return element("div", element("span", name, class_="sd-label"), element("ul", *items), class_="sd-lead__row")


def _verdicts(site: Site, layer: str) -> Markup | None:
    """Render how the tested claims of the layer fare on the selected machine, and each of them folded."""
    claims = [claim for claim in handbook(site).claims.values() if claim.layer == layer and claim.predicate]
    if not claims:
        return None
    summary = element("summary", f"{document.count(len(claims), 'claim')} tested: ", verdicts_in_words(site, claims))
    return element("details", summary, element("ul", *(_claim(site, claim) for claim in claims)), class_="sd-data")


def _claim(site: Site, claim: Claim) -> Markup:
    chip = for_each_choice(site, claim, lambda _, verdict: verdict_chip(claim, verdict))
    return element("li", element("a", plain(line(claim.text)), href=f"/claims/#claim-{claim.id}"), " ", chip)
