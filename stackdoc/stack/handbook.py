"""The handbook's own data: the merged stack, and what is claimed, cited and named about its layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from stackdoc.errors import Problem
from stackdoc.laws.law import Law
from stackdoc.model.environment import Environment
from stackdoc.model.example import Example
from stackdoc.project import Layout
from stackdoc.site.site import Site
from stackdoc.stack.claims.read import read_claims
from stackdoc.stack.claims.types import Claim
from stackdoc.stack.decisions.read import read_decisions
from stackdoc.stack.decisions.types import Decision
from stackdoc.stack.facts.fact import Fact
from stackdoc.stack.facts.number import Number
from stackdoc.stack.facts.read import read_facts, read_numbers
from stackdoc.stack.gaps.gap import Gap
from stackdoc.stack.gaps.read import read_gaps
from stackdoc.stack.glossary.read import read_terms
from stackdoc.stack.glossary.term import Term
from stackdoc.stack.laws.read import read_laws
from stackdoc.stack.laws.uses import NamedCalculation, find_uses
from stackdoc.stack.layers.read import read_stack
from stackdoc.stack.layers.references import check_layers
from stackdoc.stack.layers.types import Stack
from stackdoc.stack.systems.alternatives import Alternatives
from stackdoc.stack.systems.read import read_systems
from stackdoc.stack.systems.read_alternatives import read_alternatives, read_texts
from stackdoc.stack.systems.types import System

NO_STACK = Stack("", (), (), (), (), (), ())


@dataclass(frozen=True)
class Handbook:
    """Each collection by id, in the order of its file. `texts` are the systems that have a hand-written page,
    `written` the hand-written texts of layers and planes."""

    stack: Stack = NO_STACK
    claims: Mapping[str, Claim] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)
    systems: Mapping[str, System] = field(default_factory=dict)
    terms: Mapping[str, Term] = field(default_factory=dict)
    numbers: Mapping[str, Number] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()
    alternatives: Mapping[str, Alternatives] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    written: Mapping[str, str] = field(default_factory=dict, repr=False)  # what is kept does not rest on it
    laws: Mapping[str, Law] = field(default_factory=dict)
    law_uses: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)  # source and title of each page
    calculations: Mapping[tuple[str, str], NamedCalculation] = field(
        default_factory=dict, repr=False
    )  # by file and name
    gaps: Mapping[str, Gap] = field(default_factory=dict)


NOTHING = Handbook()


def handbook(site: Site) -> Handbook:
    """The data of the site; an empty handbook where the site is about something else."""
    return site.data if isinstance(site.data, Handbook) else NOTHING


def read_handbook(
    layout: Layout, problems: list[Problem], examples: Mapping[str, Example], environments: Mapping[str, Environment]
) -> Handbook:
    """Everything below `docs/data`, looked up against one another; what is wrong with it goes to `problems`."""
    stack = read_stack(layout, problems)
    claims = read_claims(layout, problems, stack, examples)
    facts = read_facts(layout, problems, stack)
    systems = read_systems(layout, problems, stack, examples, environments)
    if stack:
        check_layers(examples, stack, problems)
    laws, uses = read_laws(layout, problems, stack, examples), find_uses(layout)
    return Handbook(
        stack or NO_STACK,
        claims,
        facts,
        systems,
        read_terms(layout, problems),
        read_numbers(layout, problems, stack, examples, facts),
        read_decisions(layout, problems, stack),
        read_alternatives(layout, problems, systems),
        tuple(sorted(read_texts(layout, problems, systems))),
        _written(layout, stack or NO_STACK),
        laws,
        uses.by_law,
        uses.calculations,
        gaps=read_gaps(layout, problems, examples),
    )


def _written(layout: Layout, stack: Stack) -> dict[str, str]:
    files = {place.id: layout / layout.text("layers", place.id) for place in stack.places}
    return {
        id: file.read_text("utf-8", "replace").replace("\r\n", "\n") for id, file in files.items() if file.is_file()
    }
