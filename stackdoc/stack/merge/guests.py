"""What the votes of the guests would change."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from stackdoc.render.html import document
from stackdoc.stack.layers.types import Stack
from stackdoc.stack.merge.merge import Merge, merge


def with_guests(stack: Stack) -> Stack:
    """Return the stack as if its guests were merged."""
    return replace(stack, taxonomies=stack.sources, guests=())


def effect(stack: Stack) -> tuple[str, ...]:
    """Return sentences that compare the merge with and without the votes of the guests."""
    without, merged = merge(stack), merge(with_guests(stack))
    agreed, overruled = merged.agreed - without.agreed, len(merged.overruled) - len(without.overruled)
    votes = document.count(agreed + overruled, "vote")
    return (
        f"They would add {votes}, of which this order would agree with {agreed} and overrule {overruled}.",
        _order(stack, merged),
        _splits(stack, without, merged),
    )


def _order(stack: Stack, merged: Merge) -> str:
    """State whether the order of the handbook would be a best one with the guests."""
    best = merged.with_dependencies
    if merged.order in best.orders:
        rank = "the only best one" if best.count == 1 else f"one of {best.count} best ones"
        return f"With the dependencies, this order would be {rank}."
    ranks = {layer: rank for rank, layer in enumerate(best.orders[0])}
    swaps = [(lower, upper) for lower, upper in pairwise(merged.order) if ranks[lower] > ranks[upper]]
    moved = document.enumeration(
        [f"{stack.place(lower).name} above {stack.place(upper).name}" for lower, upper in swaps]
    )
    return f"With the dependencies, this order would no longer be a best one: the best one has {moved}."


def _splits(stack: Stack, without: Merge, merged: Merge) -> str:
    """Name the pairs that would become splits."""
    known = {(pair.lower, pair.upper) for pair in without.of_kind("split")}
    new = [pair for pair in merged.of_kind("split") if (pair.lower, pair.upper) not in known]
    names = [f"{stack.place(pair.lower).name} and {stack.place(pair.upper).name}" for pair in new]
    if not new:
        return "No pair would become a split."
    become = "1 pair would become a split" if len(new) == 1 else f"{len(new)} pairs would become splits"
    return f"{become}: {'; '.join(names)}."
