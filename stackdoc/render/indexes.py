"""Lists across all layers: the sources' claims with their verdicts, cited numbers, named systems, terms."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markupsafe import Markup

from stackdoc.fact import Fact
from stackdoc.render import citation, claims, document
from stackdoc.render.html import element, join
from stackdoc.render.listings import date, facts_table
from stackdoc.render.page import Page
from stackdoc.render.sources import TERSE, place, reference, system
from stackdoc.site import Site
from stackdoc.system import System


def pages(site: Site) -> tuple[Page, ...]:
    """`claims.md`, `facts.md`, `systems.md` and `glossary.md`, each only when there is something to list."""
    made = (
        _claims(site) if site.claims else None,
        _facts(site) if site.facts else None,
        _systems(site) if site.systems else None,
        _glossary(site) if site.terms else None,
    )
    return tuple(page for page in made if page)


def _claims(site: Site) -> Page:
    blocks: list[str | Markup | None] = [
        document.paragraph(
            "What the sources claim, restated in our words. A claim that names a quantity is judged on every machine "
            "that measured its example: it holds, holds in part, does not hold here, or is undecided. The others say "
            "why they are not judged."
        )
    ]
    for layer in site.stack.places:
        found = [claim for _, claim in sorted(site.claims.items()) if claim.layer == layer.id]
        if found:
            blocks += [document.heading(layer.name, layer.id), *(claims.block(site, claim) for claim in found)]
    return document.page("claims.md", "Claims", "What the sources claim, and how it stands on each machine.", blocks)


def _facts(site: Site) -> Page:
    blocks: list[str | Markup | None] = [
        document.paragraph("Numbers cited from elsewhere, with unit, conditions, source and date; not measured here.")
    ]
    for layer in site.stack.places:
        found = [fact for _, fact in sorted(site.facts.items()) if fact.layer == layer.id]
        if found:
            blocks += [document.heading(layer.name, layer.id), facts_table(found), _cited(site, found)]
    return document.page("facts.md", "Cited numbers", "Numbers from data sheets, papers and reports, by layer.", blocks)


def _cited(site: Site, facts: Sequence[Fact]) -> Markup:
    """The citation of each number, one fold away and behind its name."""
    blocks = (citation.folded(fact.quantity, citation.reference(site, f"fact:{fact.id}")) for fact in facts)
    return element("details", element("summary", "Cite one of these numbers"), *blocks, class_="sd-cite-one")


def _systems(site: Site) -> Page:
    found = sorted(site.systems.values(), key=lambda system: (system.name.lower(), system.id))
    columns = ("System", "Kind", "Stands in", "Named by", "Note", "State")
    shown, body = document.filled(columns, [_system(site, one) for one in found])
    blocks = [
        document.paragraph(
            "Everything that the sources name: products, libraries, techniques and things. A system stands in one "
            "layer and may belong to others too. A state is given only with its date and source."
        ),
        document.table("Systems by name", shown, body),
    ]
    return document.page("systems.md", "Systems", f"The {len(found)} systems that the sources name.", blocks)


def _system(site: Site, one: System) -> tuple[object, ...]:
    known = {layer.id for layer in site.stack.places}
    places = join([place(site.stack, id) for id in (one.layer, *one.also) if id in known], ", ")
    named = join([reference(site.stack, mention) for mention in one.mentions], ", ")
    other = f"Not {system(site.systems, one.homonym_of)}." if one.homonym_of else ""
    state: object = ""
    if one.status:
        state = element("span", f"{one.status.state}, ", date(one.status.as_of), title=one.status.source)
    kind = f"{one.kind}, {one.subkind}" if one.subkind else one.kind
    name = element("span", one.name, id=f"system-{one.id}")
    return name, kind, places, named, " ".join(part for part in (one.note, other) if part), state


def _glossary(site: Site) -> Page:
    terms = sorted(site.terms.values(), key=lambda term: term.term.lower())
    said = [(element("span", term.term, id=f"term-{slug(term.term)}"), term.definition) for term in terms]
    blocks = [document.definitions(said, TERSE)]
    return document.page("glossary.md", "Glossary", "Terms of the stack and of measuring.", blocks)


def slug(term: str) -> str:
    """A term as an anchor: `arithmetic-intensity`."""
    return re.sub(r"[^a-z0-9]+", "-", term.lower()).strip("-")
