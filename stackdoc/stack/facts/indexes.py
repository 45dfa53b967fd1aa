"""Lists across all layers: the sources' claims with their verdicts, cited numbers, terms."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markupsafe import Markup

from stackdoc.render.citation import cite
from stackdoc.render.html import document
from stackdoc.render.html.document import TERSE
from stackdoc.render.html.element import element
from stackdoc.render.html.page import Page
from stackdoc.site.site import Site
from stackdoc.stack.claims import block as claims_block
from stackdoc.stack.claims.tally import tally
from stackdoc.stack.facts.fact import Fact
from stackdoc.stack.facts.tables import facts_table
from stackdoc.stack.handbook import handbook


def pages(site: Site) -> tuple[Page, ...]:
    """`claims.md`, `facts.md` and `glossary.md`, each only when there is something to list."""
    made = (
        _claims(site) if handbook(site).claims else None,
        _facts(site) if handbook(site).facts else None,
        _glossary(site) if handbook(site).terms else None,
    )
    return tuple(page for page in made if page)


def _claims(site: Site) -> Page:
    every = sorted(handbook(site).claims.values(), key=lambda claim: claim.id)
    blocks: list[str | Markup | None] = [
        document.paragraph(
            "What the sources claim, restated in our words, and what the handbook does about it. Where a claim is "
            "tested, an example measures the very proposition and could have come out the other way. A proxy measures "
            "something that the claim implies. Other claims follow from arithmetic, or are restated with what would "
            "test them. Tests and proxies are judged on every machine that measured their example."
        ),
        tally(site, every),
    ]
    for layer in handbook(site).stack.places:
        found = [claim for claim in every if claim.layer == layer.id]
        if found:
            blocks += [
                document.heading(layer.name, layer.id),
                *(claims_block.claim_block(site, claim) for claim in found),
            ]
    return document.page("claims.md", "Claims", "What the sources claim, and how it stands on each machine.", blocks)


def _facts(site: Site) -> Page:
    blocks: list[str | Markup | None] = [
        document.paragraph("Numbers cited from elsewhere, with unit, conditions, source and date; not measured here.")
    ]
    for layer in handbook(site).stack.places:
        found = [fact for _, fact in sorted(handbook(site).facts.items()) if fact.layer == layer.id]
        if found:
            blocks += [document.heading(layer.name, layer.id), facts_table(found), _cited(site, found)]
    return document.page("facts.md", "Cited numbers", "Numbers from data sheets, papers and reports, by layer.", blocks)


def _cited(site: Site, facts: Sequence[Fact]) -> Markup:
    """The citation of each number, one fold away and behind its name."""
    blocks = (cite.folded(fact.quantity, cite.reference(site, f"fact:{fact.id}")) for fact in facts)
    return element("details", element("summary", "Cite one of these numbers"), *blocks, class_="sd-cite-one")


def _glossary(site: Site) -> Page:
    terms = sorted(handbook(site).terms.values(), key=lambda term: term.term.lower())
    said = [(element("span", term.term, id=f"term-{slug(term.term)}"), term.definition) for term in terms]
    blocks = [document.definitions(said, TERSE)]
    return document.page("glossary.md", "Glossary", "Terms of the stack and of measuring.", blocks)


def slug(term: str) -> str:
    """A term as an anchor: `arithmetic-intensity`."""
    return re.sub(r"[^a-z0-9]+", "-", term.lower()).strip("-")
