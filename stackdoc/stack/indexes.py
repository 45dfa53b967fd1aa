"""The pages that list all claims, cited numbers and terms."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup

from stackdoc.render.citation import cite
from stackdoc.render.html import document
from stackdoc.render.html.document import TERSE
from stackdoc.render.html.element import element, join
from stackdoc.render.html.page import Page
from stackdoc.site.site import Site
from stackdoc.stack.claims import block as claims_block
from stackdoc.stack.claims.tally import tally
from stackdoc.stack.facts.fact import Fact
from stackdoc.stack.facts.tables import facts_table
from stackdoc.stack.glossary.term import GlossaryTerm
from stackdoc.stack.handbook import handbook


def _claims(site: Site) -> Page:
    claims = sorted(handbook(site).claims.values(), key=lambda claim: claim.id)
    blocks: list[str | Markup | None] = [
        document.paragraph(
            "What the sources claim, restated in our words, and how the handbook tests it. A tested claim has an "
            "example that measures the proposition itself and could have come out the other way. A proxy measures "
            "something that the claim implies. Other claims follow from arithmetic, or are restated together with "
            "what would test them. Tests and proxies are judged on every machine that measured their example."
        ),
        tally(site, claims),
    ]
    for layer in handbook(site).stack.places:
        of_layer = [claim for claim in claims if claim.layer == layer.id]
        if of_layer:
            blocks += [
                document.heading(layer.name, layer.id),
                *(claims_block.claim_block(site, claim) for claim in of_layer),
            ]
    return document.page("claims.md", "Claims", "What the sources claim, and the verdict of each machine.", blocks)


def _facts(site: Site) -> Page:
    blocks: list[str | Markup | None] = [
        document.paragraph(
            "Numbers from other sources, with unit, conditions, source and date. None was measured here."
        )
    ]
    for layer in handbook(site).stack.places:
        of_layer = [fact for _, fact in sorted(handbook(site).facts.items()) if fact.layer == layer.id]
        if of_layer:
            blocks += [document.heading(layer.name, layer.id), facts_table(of_layer), _citations(site, of_layer)]
    return document.page("facts.md", "Cited numbers", "Numbers from data sheets, papers and reports, by layer.", blocks)


def _citations(site: Site, facts: Sequence[Fact]) -> Markup:
    """Render the citation of each number, folded."""
    blocks = (cite.folded(site, fact.quantity, cite.reference(site, f"fact:{fact.id}")) for fact in facts)
    return element("details", element("summary", "Cite these numbers"), *blocks, class_="sd-cite-one")


def _glossary(site: Site) -> Page:
    terms = sorted(handbook(site).terms.values(), key=lambda term: term.term.lower())
    entries = [(_term(term), term.definition) for term in terms]
    blocks = [document.definitions(entries, TERSE)]
    return document.page("glossary.md", "Glossary", "Terms of the stack and of measurement.", blocks)


def _term(term: GlossaryTerm) -> Markup:
    """Return the term, with its address, and its other names."""
    name = element("span", term.term, id=f"term-{slug(term.term)}")
    return join([name, f" (also {', '.join(term.also)})"]) if term.also else name


def slug(term: str) -> str:
    """Turn a term into an anchor: `arithmetic-intensity`."""
    return re.sub(r"[^a-z0-9]+", "-", term.lower()).strip("-")


PAGES: Mapping[str, Callable[[Site], Page]] = {"claims": _claims, "facts": _facts, "terms": _glossary}


def pages(site: Site) -> tuple[Page, ...]:
    """Return the page of each collection of the handbook in PAGES that has entries."""
    return tuple(page(site) for collection, page in PAGES.items() if getattr(handbook(site), collection))
