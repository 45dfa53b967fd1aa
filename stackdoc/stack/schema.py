"""The kinds of data file of the handbook, for their JSON schemas."""

from __future__ import annotations

from collections.abc import Mapping

from stackdoc.laws.law import Law
from stackdoc.reading.schema import Kind
from stackdoc.stack.claims.types import Claim
from stackdoc.stack.facts.fact import Fact
from stackdoc.stack.facts.number import Number
from stackdoc.stack.gaps.gap import Gap
from stackdoc.stack.glossary.term import Term
from stackdoc.stack.layers.read import StackFile
from stackdoc.stack.systems.types import System
from stackdoc.stack.taxonomies.read import COMPUTED
from stackdoc.stack.taxonomies.types import Taxonomy

KINDS: Mapping[str, Kind] = {
    "taxonomy": Kind(Taxonomy, {"SourceLayer": frozenset(COMPUTED), "Taxonomy": frozenset({"file"})}),
    "stack": Kind(StackFile),
    "claims": Kind(tuple[Claim, ...]),
    "laws": Kind(tuple[Law, ...]),
    "gaps": Kind(tuple[Gap, ...]),
    "facts": Kind(tuple[Fact, ...]),
    "numbers": Kind(tuple[Number, ...], {"Number": frozenset({"line"})}),
    "systems": Kind(tuple[System, ...]),
    "glossary": Kind(tuple[Term, ...]),
}
