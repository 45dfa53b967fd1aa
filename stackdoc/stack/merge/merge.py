"""Merge the taxonomies: the order, how robust it is, and which votes it overrules."""

from __future__ import annotations

from dataclasses import dataclass, replace

from stackdoc.stack.layers.types import Stack
from stackdoc.stack.merge.order import Orders, best_orders
from stackdoc.stack.merge.votes import Kind, Pair, Vote, count_votes, pairs


@dataclass(frozen=True)
class Agreement:
    """How far one source agrees with the order, over the pairs on which it takes a side.

    `tau` is (agreed - overruled) / (agreed + overruled), or None if it takes no side. Copies count as sources here.
    """

    source: str
    agreed: int
    overruled: int

    @property
    def tau(self) -> float | None:
        taken = self.agreed + self.overruled
        return (self.agreed - self.overruled) / taken if taken else None


@dataclass(frozen=True)
class LeftOut:
    """The best orders without one lineage, with the dependencies and by the votes alone."""

    lineage: str
    with_dependencies: Orders
    votes_alone: Orders


@dataclass(frozen=True)
class Merge:
    """The result of the merge.

    `with_dependencies` are the best orders that obey the dependencies, `votes_alone` those by the votes alone.
    Orders are from the bottom up.
    """

    order: tuple[str, ...]
    pairs: tuple[Pair, ...]
    with_dependencies: Orders
    votes_alone: Orders
    agreements: tuple[Agreement, ...]
    leave_one_out: tuple[LeftOut, ...]

    @property
    def agreed(self) -> int:
        """The number of votes that agree with the order."""
        return sum(pair.agreeing for pair in self.pairs)

    @property
    def overruled(self) -> tuple[tuple[Pair, Vote], ...]:
        """Every vote that the order overrules, with its pair."""
        return tuple((pair, vote) for pair in self.pairs for vote in pair.votes if vote.side == "above")

    @property
    def editorial(self) -> tuple[Pair, ...]:
        """The pairs that neither votes nor dependencies decide: equally good orders differ in them."""
        places = [{layer: index for index, layer in enumerate(order)} for order in self.with_dependencies.orders]
        return tuple(
            pair for pair in self.pairs if any(position[pair.lower] > position[pair.upper] for position in places)
        )

    def of_kind(self, kind: Kind) -> tuple[Pair, ...]:
        return tuple(pair for pair in self.pairs if pair.kind == kind)

    def pair(self, lower: str, upper: str) -> Pair:
        return next(pair for pair in self.pairs if (pair.lower, pair.upper) == (lower, upper))


def merge(stack: Stack) -> Merge:
    """Merge the taxonomies by their atoms and the dependencies. Raises ValueError like `best_orders`."""
    all_pairs = pairs(stack)
    lineages = sorted({taxonomy.source.lineage for taxonomy in stack.taxonomies})
    return Merge(
        order=tuple(layer.id for layer in stack.layers),
        pairs=all_pairs,
        with_dependencies=best_with_dependencies(stack, all_pairs),
        votes_alone=best_by_votes(stack, all_pairs),
        agreements=tuple(_agreement(stack, taxonomy.source.id) for taxonomy in stack.taxonomies),
        leave_one_out=tuple(
            LeftOut(
                lineage, best_with_dependencies(stack, all_pairs, lineage), best_by_votes(stack, all_pairs, lineage)
            )
            for lineage in lineages
        ),
    )


def best_with_dependencies(stack: Stack, all_pairs: tuple[Pair, ...], without: str = "") -> Orders:
    """Return the best orders among those that obey the dependencies."""
    edges = [(edge.below, edge.above) for edge in stack.dependencies]
    return best_orders([layer.id for layer in stack.layers], count_votes(all_pairs, without), edges)


def best_by_votes(stack: Stack, all_pairs: tuple[Pair, ...], without: str = "") -> Orders:
    """Return the best orders by the votes alone."""
    return best_orders([layer.id for layer in stack.layers], count_votes(all_pairs, without))


def _agreement(stack: Stack, source: str) -> Agreement:
    alone = pairs(replace(stack, taxonomies=(stack.taxonomy(source),)))
    return Agreement(source, sum(pair.agreeing for pair in alone), sum(pair.against for pair in alone))
