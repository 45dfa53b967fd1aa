"""The result of the merge: the order, how firmly it stands, who agrees and who is overruled."""

from __future__ import annotations

from dataclasses import dataclass, replace

from stackdoc.stack.layers.types import Stack
from stackdoc.stack.merge.order import Orders, best_orders
from stackdoc.stack.merge.votes import Kind, Pair, Vote, counted, pairs


@dataclass(frozen=True)
class Agreement:
    """A source against the stack's order, over the pairs it takes a side on: `tau` is (agreed - overruled) / both.

    None when it takes no side at all. Here each source is counted alone, copies too.
    """

    source: str
    agreed: int
    overruled: int

    @property
    def tau(self) -> float | None:
        taken = self.agreed + self.overruled
        return (self.agreed - self.overruled) / taken if taken else None


@dataclass(frozen=True)
class Without:
    """What would be without one lineage: the best orders with the dependencies and by the votes alone."""

    lineage: str
    settled: Orders
    voted: Orders


@dataclass(frozen=True)
class Merge:
    """`settled`: the best orders that obey the dependencies; `voted`: those by the votes alone; from the bottom up."""

    order: tuple[str, ...]
    pairs: tuple[Pair, ...]
    settled: Orders
    voted: Orders
    agreements: tuple[Agreement, ...]
    without: tuple[Without, ...]

    @property
    def agreed(self) -> int:
        """Votes that agree with the order."""
        return sum(pair.agreeing for pair in self.pairs)

    @property
    def overruled(self) -> tuple[tuple[Pair, Vote], ...]:
        """Every vote the order overrules, with its pair."""
        return tuple((pair, vote) for pair in self.pairs for vote in pair.votes if vote.side == "above")

    @property
    def editorial(self) -> tuple[Pair, ...]:
        """Pairs that neither votes nor dependencies settle: the equally good orders differ in them."""
        places = [{layer: place for place, layer in enumerate(order)} for order in self.settled.orders]
        return tuple(pair for pair in self.pairs if any(at[pair.lower] > at[pair.upper] for at in places))

    def of_kind(self, kind: Kind) -> tuple[Pair, ...]:
        return tuple(pair for pair in self.pairs if pair.kind == kind)

    def pair(self, lower: str, upper: str) -> Pair:
        return next(pair for pair in self.pairs if (pair.lower, pair.upper) == (lower, upper))


def merge(stack: Stack) -> Merge:
    """Everything that follows from the taxonomies, atoms and dependencies. Raises ValueError as `best_orders` does."""
    found = pairs(stack)
    lineages = sorted({taxonomy.source.lineage for taxonomy in stack.taxonomies})
    return Merge(
        order=tuple(layer.id for layer in stack.layers),
        pairs=found,
        settled=settled(stack, found),
        voted=voted(stack, found),
        agreements=tuple(_agreement(stack, taxonomy.source.id) for taxonomy in stack.taxonomies),
        without=tuple(
            Without(lineage, settled(stack, found, lineage), voted(stack, found, lineage)) for lineage in lineages
        ),
    )


def settled(stack: Stack, found: tuple[Pair, ...], without: str = "") -> Orders:
    """The best orders among those that obey the dependencies."""
    edges = [(edge.below, edge.above) for edge in stack.dependencies]
    return best_orders([layer.id for layer in stack.layers], counted(found, without), edges)


def voted(stack: Stack, found: tuple[Pair, ...], without: str = "") -> Orders:
    """The best orders by the votes alone."""
    return best_orders([layer.id for layer in stack.layers], counted(found, without))


def _agreement(stack: Stack, source: str) -> Agreement:
    alone = pairs(replace(stack, taxonomies=(stack.taxonomy(source),)))
    return Agreement(source, sum(pair.agreeing for pair in alone), sum(pair.against for pair in alone))
