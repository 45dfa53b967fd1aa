"""The orders of a set of things that overrule the fewest votes (Kemeny), found exactly.

Dynamic programming over subsets: the cheapest way to finish above a set of things that are already
placed does not depend on how they were placed. Knows nothing of layers or sources.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LIMIT = 20  # things: a table of 2^20 sets, and 20! still fits 64 bits
UNREACHED = np.iinfo(np.int32).max // 2

Votes = Mapping[tuple[str, str], int]  # (lower, upper): how many say that lower lies below upper
Edges = Iterable[tuple[str, str]]  # (lower, upper): lower must lie below upper


@dataclass(frozen=True)
class Orders:
    """Every order, from the bottom up, that overrules the fewest votes: `cost` of them.

    `count` is exact; `orders` holds the first of them by name, all when `count` is no larger.
    """

    cost: int
    count: int
    orders: tuple[tuple[str, ...], ...]


def best_orders(things: Iterable[str], votes: Votes, edges: Edges = (), shown: int = 100) -> Orders:
    """All orders with the fewest overruled votes among those that obey `edges`; the order of `things` is ignored.

    Raises ValueError above LIMIT things, for an edge to an unknown thing, and for edges that form a cycle.
    """
    table = _Table.of(sorted(set(things)), votes, tuple(edges))
    found = tuple(order for order, _ in zip(table.orders(), range(shown), strict=False))
    return Orders(int(table.cost[0]), int(table.ways[0]), found)


def overruled(order: Sequence[str], votes: Votes) -> int:
    """How many votes the order overrules."""
    return sum(votes.get((upper, lower), 0) for k, upper in enumerate(order) for lower in order[:k])


def find_cycle(edges: Edges) -> tuple[str, ...]:
    """One cycle of the edges, its first thing repeated at the end; empty when there is none."""
    above: dict[str, list[str]] = {}
    for lower, upper in sorted(set(edges)):
        above.setdefault(lower, []).append(upper)
    done: set[str] = set()
    for start in above:
        path = {start: iter(above[start])}
        while path:
            last = next(reversed(path))
            thing = next(path[last], None)
            if thing is None:
                done.add(last)
                del path[last]
            elif thing in path:
                return (*list(path)[list(path).index(thing) :], thing)
            elif thing not in done:
                path[thing] = iter(above.get(thing, ()))
    return ()


@dataclass(frozen=True)
class _Table:
    """For every set of placed things: the votes that finishing overrules (`cost`), and in how many ways (`ways`)."""

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
        place = {thing: k for k, thing in enumerate(things)}
        needs = [0] * len(things)
        for lower, upper in edges:
            needs[place[upper]] |= 1 << place[lower]
        objections = np.array([[votes.get((upper, lower), 0) for lower in things] for upper in things], np.int32)
        objections = objections.reshape(len(things), len(things))
        return cls(tuple(things), tuple(needs), objections, *_fill(needs, objections))

    def orders(self) -> Iterator[tuple[str, ...]]:
        """The best orders, by name from the bottom up."""
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
    """Cost and ways of finishing from every set that obeys the needs, from the full set down."""
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
    """The sets closed under the needs, by falling size, without the full one."""
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
    """For every subset of the weights, its sum."""
    sums = np.zeros(1, np.int32)
    for weight in weights:
        sums = np.concatenate([sums, sums + weight])
    return sums.astype(np.int32)
