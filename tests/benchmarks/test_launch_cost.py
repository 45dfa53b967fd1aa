"""What a launch costs beyond what it runs: a fork of a warm process, and runs of examples that do next to nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from stackdoc.measure.wire import LaunchOrder
from stackdoc.plan.project import read_project
from stackdoc.project import Layout
from stackdoc.run.measuring import bring_up_to_date
from stackdoc.run.process.limits import Limits
from stackdoc.run.process.runner import start_launch, wait_for_end
from stackdoc.run.process.zygotes import Zygotes
from tests.made.scripts import written

BODY = "{imports}\nfrom stackdoc import example\nexample().report('one', 1.0)\n"
MOST_SECONDS = 0.1


@pytest.mark.parametrize("modules", [(), ("torch",)], ids=["python", "torch"])
def test_a_forked_launch(benchmark: BenchmarkFixture, tmp_path: Path, modules: tuple[str, ...]) -> None:
    imports = "\n".join(f"import {module}" for module in modules)
    order = LaunchOrder(str(written(tmp_path, "kernels/trivial", BODY.format(imports=imports))))
    with Zygotes(tmp_path) as zygotes:

        def launch() -> str:
            with start_launch(order, Limits(), scratch=tmp_path, zygotes=zygotes, modules=modules) as process:
                return wait_for_end(process, order.kind).outcome.name

        assert launch() == "ok"  # the warm process has started
        assert benchmark.pedantic(launch, rounds=20) == "ok"
    if benchmark.stats is not None:
        assert benchmark.stats.stats.min <= MOST_SECONDS  # others may use the machine


@pytest.mark.parametrize("modules", [(), ("torch",)], ids=["python", "torch"])
def test_fifty_examples_of_nine_launches(benchmark: BenchmarkFixture, tmp_path: Path, modules: tuple[str, ...]) -> None:
    """With torch, too, a launch costs a tenth of a second at most: the examples of a round share the import."""
    examples = 50 if benchmark.enabled else 2
    body = BODY.format(imports="\n".join(f"import {module}" for module in modules))
    for number in range(examples):
        path = written(tmp_path, f"kernels/trivial_{number:02}", body, launches="9")
        path.write_text(path.read_text().replace('["stackdoc"]', json.dumps(["stackdoc", *modules])))
    summary = benchmark.pedantic(bring_up_to_date, (read_project(Layout(tmp_path)),), {"profile": "full"}, rounds=1)
    assert [result.outcome.name for result in summary.results] == ["ok"] * examples
    assert {result.launches for result in summary.results} == {10}
    if benchmark.stats is not None:
        assert benchmark.stats.stats.min / (10 * examples) <= MOST_SECONDS
