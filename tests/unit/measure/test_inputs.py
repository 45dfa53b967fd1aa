"""Calls that change what they work on are refused, those that answer from a cache are named, and others are neither."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.made.scripts import launch_here

BEFORE = """
import functools, heapq, itertools, random, time
import numpy as np
numbers = [random.random() for _ in range(500)]
array = np.random.default_rng(0).normal(size=500)
out = np.zeros(500)
seen = {}
queue = list(range(500))
spent = (i for i in range(500))
counter = itertools.count()
turn = iter(list(range(500)))
buffer = np.zeros(500)

@functools.lru_cache
def total(n):
    return sum(i * i for i in range(n))

def remembered(n):
    if n not in seen:
        seen[n] = sum(i * i for i in range(n))
    return seen[n]

def once(first=[]):
    if not first:
        first.append(time.sleep(0.002))
    return out

def shuffled():
    numbers.sort()
"""

REFUSED = {
    "lambda: numbers.sort()": "rearranges numbers",
    "numbers.sort": "rearranges the object of the method",
    "shuffled": "rearranges numbers",
    "lambda: array.sort()": "rearranges array",
    "lambda: queue.pop()": "takes from queue",
    "lambda: heapq.heapify(numbers)": "rearranges numbers",
    "lambda: sum(spent)": "uses up spent",
}
FINE = [
    "lambda: sorted(numbers)",
    "lambda: np.multiply(array, 2.0, out=out)",
    "lambda: np.copyto(out, array)",
    "lambda: next(counter)",
    "lambda: next(turn)",
    "lambda: seen.__setitem__('last', len(numbers))",
    "lambda: buffer.__iadd__(array)",
    "once",
    "lambda: None",
]


def remarks(tmp_path: Path, call: str, more: str = "") -> tuple[str, ...]:
    """What a display launch says of the call, or why it refuses it."""
    result = launch_here(tmp_path, f"{BEFORE}\nex.measure('a', {call}{more})", kind="display")
    return result.refusals or result.remarks


@pytest.mark.parametrize("call", REFUSED)
def test_a_call_that_changes_its_input_is_refused_with_the_way_out(tmp_path: Path, call: str) -> None:
    assert remarks(tmp_path, call) == (
        f"a: {REFUSED[call]}, which it works on; give each call its own, by setup=",
    ) or (remarks(tmp_path, call) == (f"a: {REFUSED[call]}; give each call its own, by setup=",))


@pytest.mark.parametrize("call", FINE)
def test_what_a_call_writes_to_is_not_its_input(tmp_path: Path, call: str) -> None:
    assert remarks(tmp_path, call) == ()


def test_a_list_that_grows_with_every_call_is_named(tmp_path: Path) -> None:
    assert remarks(tmp_path, "lambda: queue.append(1)") == ("a adds to queue with every call",)


def test_an_input_that_is_named_may_not_change_with_every_call(tmp_path: Path) -> None:
    (refusal,) = remarks(tmp_path, "lambda: array.__iadd__(1.0)", ", inputs=[array]")
    assert refusal == "a: changes inputs[0] with every call; give each call its own, by setup="


def test_a_buffer_for_the_result_may_be_named_among_the_inputs(tmp_path: Path) -> None:
    more = "\nbuffer = array * 0.0 + 1.0\nimport numpy"
    body = f"{BEFORE}{more}\nex.measure('a', lambda: numpy.add(array, 2.0, out=buffer), inputs=[buffer, array])"
    result = launch_here(tmp_path, body, kind="display")
    assert (result.refusals, result.remarks) == ((), ())


@pytest.mark.parametrize("call", ["lambda: total(20000)", "lambda: remembered(20000)"])
def test_a_call_that_answers_from_a_cache_is_named(tmp_path: Path, call: str) -> None:
    (remark,) = remarks(tmp_path, call)
    assert remark.startswith("a may answer from a cache: a later call returned the same object in ")
    assert remarks(tmp_path, "lambda: total.__wrapped__(20000)") == ()


@pytest.mark.parametrize("kind", ["display", "timed"])
def test_a_set_up_gives_each_call_its_own_input_outside_of_its_time(tmp_path: Path, kind: str) -> None:
    body = """
        import time
        made = []
        def fresh():
            time.sleep(0.0002)
            made.append([3, 1, 2])
            return made[-1]
        calls = [0]
        def sort(numbers):
            assert numbers == [3, 1, 2]
            calls[0] += 1
            numbers.sort()
            return numbers
        ex.measure("in place", sort, setup=fresh, check=lambda out: out == [1, 2, 3])
        ex.measure("no argument", lambda: None, setup=lambda: None)
        ex.report("calls over inputs", calls[0] / len(made))
    """
    result = launch_here(tmp_path, body, kind=kind)
    assert result.refusals == ()
    point, _, share = result.points
    assert share.launches[0].value == 1
    (launch,) = point.launches
    assert min(launch.wall_ns) / launch.calls < 100_000  # of which the set-up would be 200 µs
