"""Real launches of identical code: neither how they start, nor their order, nor a busy neighbour makes a difference."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest

from stackdoc.measure.wire import LaunchOrder
from stackdoc.plan.project import read_project
from stackdoc.project import Layout
from stackdoc.run.measuring import bring_up_to_date
from stackdoc.run.process.limits import Limits
from stackdoc.run.process.runner import start_launch, wait_for_end
from stackdoc.run.process.zygotes import Zygotes
from stackdoc.statistics import sample, summarise
from stackdoc.statistics.interval import ratio_interval
from tests.made.scripts import written

FOUR = """
    import torch
    from stackdoc import example
    ex = example()
    a, b, rows = torch.randn(512, 512), torch.randn(512, 512), torch.randn(1024, 1024)
    source, target = torch.randn(1 << 22), torch.empty(1 << 22)
    ex.measure("product", lambda: a @ b)
    ex.measure("normalisation", lambda: torch.nn.functional.layer_norm(rows, (1024,)))
    ex.measure("copy", lambda: target.copy_(source))
    ex.measure("addition", lambda: torch.add(a, b, out=a))
"""
BUSY = """
    import time
    from stackdoc import example
    end = time.monotonic() + 1
    while time.monotonic() < end:
        pass
    example().report("one", 1.0)
"""
LAUNCHES = 18  # of each way
TRIALS = 300


@pytest.mark.truth
@pytest.mark.bar(3)
def test_forked_launches_are_seldom_called_different_from_fresh_ones(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Nine of each way drawn from eighteen, each fork from a process of its own: at most a tenth called different."""
    order = LaunchOrder(str(written(tmp_path, "kernels/four", FOUR)))
    seconds: dict[str, dict[str, list[float]]] = {}
    with Zygotes(tmp_path) as zygotes:
        for _ in range(LAUNCHES):
            zygotes.renew()
            for way in random.sample(["fresh", "forked"], 2):
                given = zygotes if way == "forked" else None
                with start_launch(order, Limits(), zygotes=given, modules=("torch",)) as process:
                    end = wait_for_end(process, order.kind)
                assert end.result is not None, end.outcome
                for point in end.result.points:
                    seconds.setdefault(point.name, {}).setdefault(way, []).append(sample(point.launches[0]).value)
    draw = random.Random(1)
    different = {name: sum(_differ(draw, **ways) for _ in range(TRIALS)) / TRIALS for name, ways in seconds.items()}
    called = ", ".join(f"{name} {share:.0%}" for name, share in different.items())
    record_property("measured", f"forked called different from fresh: {called}")
    assert sum(different.values()) / len(different) <= 0.1, different


def _differ(draw: random.Random, fresh: list[float], forked: list[float]) -> bool:
    low, high = ratio_interval(draw.sample(forked, 9), draw.sample(fresh, 9))
    return low > 1.05 or high < 1 / 1.05


@pytest.mark.truth
@pytest.mark.bar(5)
def test_three_identical_examples_agree_in_any_order_and_beside_a_busy_one(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Each run draws another order for every round; the intervals of each pair of examples overlap at every point."""
    intervals: dict[str, list[tuple[float, float]]] = {}
    for name in ("alone", "beside"):
        for example in ("one", "two", "three"):
            path = written(tmp_path / name, f"kernels/{example}", FOUR, launches="6")
            path.write_text(path.read_text().replace('["stackdoc"]', '["stackdoc", "torch"]'))
    written(tmp_path / "beside", "kernels/busy", BUSY, launches="6")
    for name in ("alone", "beside"):
        for result in bring_up_to_date(read_project(Layout(tmp_path / name))).results:
            assert result.record is not None, result.outcome
            for point in result.record.points if result.example != "kernels/busy" else ():
                summary = summarise(point)
                if summary.low is not None and summary.high is not None:  # none where others used the machine
                    intervals.setdefault(point.name, []).append((summary.low, summary.high))
    pairs = [pair for each in intervals.values() for pair in combinations(each, 2)]
    assert len(pairs) >= 30  # of sixty
    apart = [(a, b) for a, b in pairs if a[0] > b[1] or b[0] > a[1]]
    record_property("measured", f"{len(apart)} of {len(pairs)} pairs of intervals do not overlap")
    assert len(apart) <= len(pairs) / 10, apart
