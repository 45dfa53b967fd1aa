"""The data of the handbook: the merged stack, and the claims, facts and systems of its layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from stackdoc.errors import Problem
from stackdoc.laws.law import Law
from stackdoc.model.environment import Environment
from stackdoc.model.example import Example
from stackdoc.project import Layout
from stackdoc.reading.schema import Kind
from stackdoc.site.site import Site
from stackdoc.stack.calculators.calculator import Calculator
from stackdoc.stack.calculators.read import read_calculators
from stackdoc.stack.claims.read import read_claims
from stackdoc.stack.claims.types import Claim
from stackdoc.stack.decisions.read import read_decisions
from stackdoc.stack.decisions.types import LayerDecision
from stackdoc.stack.facts.fact import Fact
from stackdoc.stack.facts.number import Number
from stackdoc.stack.facts.read import read_facts, read_numbers
from stackdoc.stack.gaps.gap import Gap
from stackdoc.stack.gaps.read import read_gaps
from stackdoc.stack.glossary.term import GlossaryTerm, read_terms
from stackdoc.stack.laws.read import read_laws
from stackdoc.stack.laws.uses import NO_USES, Uses, find_uses
from stackdoc.stack.layers.read import StackFile, read_stack
from stackdoc.stack.layers.references import check_layers
from stackdoc.stack.layers.types import Stack
from stackdoc.stack.results.result import LayerResult, read_results
from stackdoc.stack.search.wording import Question, Synonyms, read_questions, read_synonyms
from stackdoc.stack.systems.alternatives import Alternatives
from stackdoc.stack.systems.read import read_systems
from stackdoc.stack.systems.read_alternatives import read_alternatives, read_texts
from stackdoc.stack.systems.types import System
from stackdoc.stack.taxonomies.read import COMPUTED
from stackdoc.stack.taxonomies.types import Taxonomy

NO_STACK = Stack("", (), (), (), (), (), ())

# The kinds of data file, for their JSON schemas.
KINDS: Mapping[str, Kind] = {
    "taxonomy": Kind(Taxonomy, {"SourceLayer": frozenset(COMPUTED), "Taxonomy": frozenset({"file"})}),
    "stack": Kind(StackFile),
    "claims": Kind(tuple[Claim, ...]),
    "laws": Kind(tuple[Law, ...]),
    "calculators": Kind(tuple[Calculator, ...]),
    "gaps": Kind(tuple[Gap, ...]),
    "results": Kind(tuple[LayerResult, ...]),
    "facts": Kind(tuple[Fact, ...]),
    "numbers": Kind(tuple[Number, ...], {"Number": frozenset({"line"})}),
    "systems": Kind(tuple[System, ...]),
    "glossary": Kind(tuple[GlossaryTerm, ...]),
    "synonyms": Kind(tuple[Synonyms, ...]),
    "questions": Kind(tuple[Question, ...]),
}


@dataclass(frozen=True, kw_only=True)
class Handbook:
    """Everything below `docs/data` and what the hand-written pages add to it.

    Each collection is by id, in the order of its files. `system_texts` are the ids of the systems with a hand-written
    page; `layer_texts` are the hand-written pages of layers and planes, by id. `repr` is part of the key under which
    pages are cached, so it leaves out what no cached page shows.
    """

    stack: Stack = NO_STACK
    claims: Mapping[str, Claim] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)
    systems: Mapping[str, System] = field(default_factory=dict)
    terms: Mapping[str, GlossaryTerm] = field(default_factory=dict)
    numbers: Mapping[str, Number] = field(default_factory=dict)
    decisions: tuple[LayerDecision, ...] = ()
    alternatives: Mapping[str, Alternatives] = field(default_factory=dict)
    laws: Mapping[str, Law] = field(default_factory=dict)
    uses: Uses = NO_USES
    calculators: Mapping[str, Calculator] = field(default_factory=dict)
    gaps: Mapping[str, Gap] = field(default_factory=dict)
    results: Mapping[str, LayerResult] = field(default_factory=dict)
    system_texts: tuple[str, ...] = ()
    layer_texts: Mapping[str, str] = field(default_factory=dict, repr=False)
    synonyms: tuple[Synonyms, ...] = field(default=(), repr=False)
    questions: tuple[Question, ...] = field(default=(), repr=False)


NOTHING = Handbook()


def handbook(site: Site) -> Handbook:
    """Return the handbook of the site, an empty one if the site has another subject."""
    return site.data if isinstance(site.data, Handbook) else NOTHING


def read_handbook(
    layout: Layout, problems: list[Problem], examples: Mapping[str, Example], environments: Mapping[str, Environment]
) -> Handbook:
    """Read everything below `docs/data`, check the references within it, and append what is wrong to `problems`."""
    stack = read_stack(layout, problems)
    claims = read_claims(layout, problems, stack, examples)
    facts = read_facts(layout, problems, stack)
    systems = read_systems(layout, problems, stack, examples, environments)
    laws = read_laws(layout, problems, stack, examples)
    if stack:
        check_layers(examples, stack, problems)
    return Handbook(
        stack=stack or NO_STACK,
        claims=claims,
        facts=facts,
        systems=systems,
        terms=read_terms(layout, problems),
        numbers=read_numbers(layout, problems, stack, examples, facts),
        decisions=read_decisions(layout, problems, stack),
        alternatives=read_alternatives(layout, problems, systems),
        laws=laws,
        calculators=read_calculators(layout, problems, stack, laws),
        uses=find_uses(layout),
        gaps=read_gaps(layout, problems, examples),
        results=read_results(layout, problems, stack, claims),
        system_texts=tuple(sorted(read_texts(layout, problems, systems))),
        layer_texts=_layer_texts(layout, stack or NO_STACK),
        synonyms=read_synonyms(layout, problems),
        questions=read_questions(layout, problems),
    )


def _layer_texts(layout: Layout, stack: Stack) -> dict[str, str]:
    files = {place.id: layout / layout.text("layers", place.id) for place in stack.places}
    return {
        id: file.read_text("utf-8", "replace").replace("\r\n", "\n") for id, file in files.items() if file.is_file()
    }
