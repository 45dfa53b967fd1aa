"""The best orders, against trying every permutation."""

from __future__ import annotations

import time
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackdoc.stack.merge.order import LIMIT, best_orders, find_cycle, overruled

THINGS = "abcdef"
PAIRS = [(one, other) for one in THINGS for other in THINGS if one != other]
votes_strategy = st.dictionaries(st.sampled_from(PAIRS), st.integers(1, 3), max_size=12)
edges_strategy = st.lists(st.sampled_from([(a, b) for a, b in PAIRS if a < b]), max_size=6)


@given(votes=votes_strategy, edges=edges_strategy, size=st.integers(0, 6))
@settings(max_examples=60, deadline=None)
def test_the_best_orders_are_those_that_trying_all_finds(
    votes: dict[tuple[str, str], int], edges: list[tuple[str, str]], size: int
) -> None:
    things = THINGS[:size]
    edges = [edge for edge in edges if set(edge) <= set(things)]
    allowed = [
        order for order in permutations(things) if all(order.index(low) < order.index(high) for low, high in edges)
    ]
    cost = min(overruled(order, votes) for order in allowed)
    best = [order for order in allowed if overruled(order, votes) == cost]
    found = best_orders(reversed(things), votes, edges, shown=720)
    assert (found.cost, found.count, list(found.orders)) == (cost, len(best), sorted(best))


def test_only_as_many_orders_are_listed_as_asked_for_but_all_are_counted() -> None:
    found = best_orders("abcdefgh", {}, shown=3)
    assert found.count == 40320
    assert found.orders == (tuple("abcdefgh"), tuple("abcdefhg"), tuple("abcdegfh"))


def test_a_cycle_of_votes_overrules_the_fewest() -> None:
    found = best_orders("abc", {("a", "b"): 2, ("b", "c"): 2, ("c", "a"): 1})
    assert (found.cost, found.orders) == (1, (("a", "b", "c"),))


def test_the_worst_case_at_the_limit_takes_about_a_second() -> None:
    started = time.perf_counter()
    found = best_orders([f"t{k:02}" for k in range(LIMIT)], {}, shown=1)
    assert found.count == 2432902008176640000  # 20!
    assert time.perf_counter() - started < 5  # alone it is half a second; this machine may be shared


def test_above_the_limit_it_says_so() -> None:
    with pytest.raises(ValueError, match="21 things: an exact order is computed for at most 20"):
        best_orders(map(str, range(21)), {})


def test_a_cycle_of_edges_is_named() -> None:
    assert find_cycle([("a", "b"), ("b", "c"), ("c", "d"), ("d", "b"), ("a", "d")]) == ("b", "c", "d", "b")
    assert find_cycle([("a", "a")]) == ("a", "a")
    assert find_cycle([("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]) == ()
    with pytest.raises(ValueError, match="cycle: a < b < a"):
        best_orders("ab", {}, [("a", "b"), ("b", "a")])


def test_a_long_chain_of_edges_is_no_deep_recursion() -> None:
    assert find_cycle((str(k), str(k + 1)) for k in range(20_000)) == ()


def test_edges_between_strangers_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown things: z"):
        best_orders("ab", {}, [("a", "z")])
