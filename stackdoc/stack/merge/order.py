"""Compute all orders of a set that overrule the fewest votes (Kemeny orders), exactly.

Dynamic programming over subsets: the cheapest completion above a set of placed things does not depend on the order in
which they were placed. This module does not depend on layers or sources.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LIMIT = 20  # things: 2^20 table entries, and 20! fits into 64 bits
UNREACHED = np.iinfo(np.int32).max // 2

Votes = Mapping[tuple[str, str], int]  # (lower, upper): number of votes for lower below upper
Edges = Iterable[tuple[str, str]]  # (lower, upper): lower must be below upper


@dataclass(frozen=True)
class Orders:
    """The best orders, from the bottom up: each overrules `cost` votes, and there are `count` of them.

    `orders` are the first in the order of names, possibly not all.
    """

    cost: int
    count: int
    orders: tuple[tuple[str, ...], ...]


def best_orders(things: Iterable[str], votes: Votes, edges: Edges = (), shown: int = 100) -> Orders:
    """Return the orders that obey `edges` and overrule the fewest votes; at most `shown` of them are listed.

    Raises ValueError above LIMIT things, for an edge to an unknown thing, and for edges that form a cycle.
    """
    table = _Table.of(sorted(set(things)), votes, tuple(edges))
    first_orders = tuple(order for order, _ in zip(table.orders(), range(shown), strict=False))
    return Orders(int(table.cost[0]), int(table.ways[0]), first_orders)


def overruled(order: Sequence[str], votes: Votes) -> int:
    """Count the votes that the order overrules."""
    return sum(votes.get((upper, lower), 0) for index, upper in enumerate(order) for lower in order[:index])


def find_cycle(edges: Edges) -> tuple[str, ...]:
    """Return one cycle of the edges with its first thing repeated at the end, or an empty tuple."""
    above: dict[str, list[str]] = {}
    for lower, upper in sorted(set(edges)):
        above.setdefault(lower, []).append(upper)
    finished: set[str] = set()
    for start in above:
        path = {start: iter(above[start])}
        while path:
            last = next(reversed(path))
            thing = next(path[last], None)
            if thing is None:
                finished.add(last)
                del path[last]
            elif thing in path:
                return (*list(path)[list(path).index(thing) :], thing)
            elif thing not in finished:
                path[thing] = iter(above.get(thing, ()))
    return ()


@dataclass(frozen=True)
class _Table:
    """The cost of completing every set of placed things, and the number of best completions."""

    things: tuple[str, ...]
    needs: tuple[int, ...]
    objections: NDArray[np.int32]  # [i, j]: votes overruled when i is placed above j
    cost: NDArray[np.int32]
    ways: NDArray[np.int64]

    @classmethod
    def of(cls, things: Sequence[str], votes: Votes, edges: tuple[tuple[str, str], ...]) -> _Table:
        if len(things) > LIMIT:
            raise ValueError(f"{len(things)} things: an exact order is computed for at most {LIMIT}")
        if cycle := find_cycle(edges):
            raise ValueError(f"the edges form a cycle: {' < '.join(cycle)}")
        if unknown := {thing for edge in edges for thing in edge} - set(things):
            raise ValueError(f"edges name unknown things: {', '.join(sorted(unknown))}")
        index_of = {thing: index for index, thing in enumerate(things)}
        needs = [0] * len(things)
        for lower, upper in edges:
            needs[index_of[upper]] |= 1 << index_of[lower]
        objections = np.array([[votes.get((upper, lower), 0) for lower in things] for upper in things], np.int32)
        objections = objections.reshape(len(things), len(things))
        return cls(tuple(things), tuple(needs), objections, *_fill(needs, objections))

    def orders(self) -> Iterator[tuple[str, ...]]:
        """Yield the best orders, in the order of names."""
        yield from self._finish((), 0)

    def _finish(self, placed: tuple[int, ...], state: int) -> Iterator[tuple[str, ...]]:
        if len(placed) == len(self.things):
            yield tuple(self.things[k] for k in placed)
        for k, need in enumerate(self.needs):
            after = state | 1 << k
            if after != state and state & need == need:
                step = int(self.objections[k, list(placed)].sum())
                if step + self.cost[after] == self.cost[state]:
                    yield from self._finish((*placed, k), after)


def _fill(needs: Sequence[int], objections: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Compute cost and number of completions of every set that obeys the needs, from the full set down."""
    n = len(needs)
    cost = np.full(1 << n, UNREACHED, np.int32)
    ways = np.zeros(1 << n, np.int64)
    cost[-1], ways[-1] = 0, 1
    half = n // 2
    prices = [(_sums(row[:half]), _sums(row[half:])) for row in objections]
    for states in _levels(needs):
        low, high = states & ((1 << half) - 1), states >> half
        for k, need in enumerate(needs):
            chosen = (states >> k & 1 == 0) & (states & need == need)
            if not chosen.any():
                continue
            here = states[chosen]
            total = prices[k][0][low[chosen]] + prices[k][1][high[chosen]] + cost[here | 1 << k]
            known, more = cost[here], ways[here | 1 << k]
            ways[here] = np.where(total < known, more, ways[here] + np.where(total == known, more, 0))
            cost[here] = np.minimum(known, total)
    return cost, ways


def _levels(needs: Sequence[int]) -> Iterator[NDArray[np.int32]]:
    """Yield the sets that are closed under the needs, by decreasing size, without the full set."""
    states = np.arange(1 << len(needs), dtype=np.int32)
    for k, need in enumerate(needs):
        if need:
            states = states[(states >> k & 1 == 0) | (states & need == need)]
    sizes = _sums(np.ones(len(needs), np.int32))[states].astype(np.uint8)
    by_size = np.argsort(sizes, kind="stable")
    starts = np.searchsorted(sizes[by_size], np.arange(len(needs) + 1))
    for size in reversed(range(len(needs))):
        yield states[by_size[starts[size] : starts[size + 1]]]


def _sums(weights: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the sum of every subset of the weights."""
    sums = np.zeros(1, np.int32)
    for weight in weights:
        sums = np.concatenate([sums, sums + weight])
    return sums.astype(np.int32)
