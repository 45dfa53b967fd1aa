"""The bars that figures must pass to count as true, and what a run of `make truth` says of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

BARS = {
    1: "agrees with timeit and torch.utils.benchmark, in turns: 2 % from 1 ms up, 3 % below",
    2: "a known duration within 1 % + 1 µs; a neighbour on the same core is told as shared",
    3: "identical code called different in at most 10 %; 1.25 times the work found in at least 90 %",
    4: "95 % intervals cover the long-run median in 90 to 99 %",
    5: "order, neighbours and parallel checks change no figure",
    6: "every number of the built pages is its record's",
    7: "within 3 % of triton's do_bench; a missing synchronise, zeros and impossible rates are refused",
}


def bar_of(item: pytest.Item) -> int:
    """The number of the bar that the test stands for, 0 where it stands for none."""
    mark = item.get_closest_marker("bar")
    return int(mark.args[0]) if mark else 0


def table(reports: Iterable[pytest.TestReport], left_out: dict[int, set[str]]) -> Iterator[str]:
    """A line a bar: what was run, what it measured (`record_property`), whether it passed, what was left out."""
    found = [(dict(report.user_properties), report) for report in reports]
    for number, words in BARS.items():
        ours = [(given, report) for given, report in found if given.get("bar") == number]
        failed = sum(report.failed for _, report in ours)
        notes = [str(given["measured"]) for given, _ in ours if "measured" in given]
        answer = f"{failed} of {len(ours)} FAILED" if failed else f"passed ({len(ours)} tests)" if ours else "not run"
        yield f"bar {number}: {answer}: {words}"
        yield from (f"    {note}" for note in notes)
        yield from (f"    left out: {reason}" for reason in sorted(left_out.get(number, ())))
