"""CUDA branches of examples on the stand-in for a GPU: launched, confined, recorded, bundled and imported elsewhere.

`make rehearse-gpu` takes all of them the same way.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from stackdoc.errors import Problem
from stackdoc.examples.read import read_examples
from stackdoc.model.record import Record
from stackdoc.project import Layout
from stackdoc.records import ledger, store
from stackdoc.records.arrival import Arrival
from stackdoc.records.lists import read_contributions
from stackdoc.run.process.confinement import can_confine
from stackdoc.run.result import RunSummary
from tests.gpu.rehearsal import NAME, REPOSITORY, STAND_IN, branches, carried, make_project, rehearse

BRANCHES = ("kernels/gemm", "runtime/dispatch", "fabric/host_link")


@dataclass(frozen=True)
class Rehearsed:
    """Both projects after the rehearsal, and what it came to; `before` are the files of records that were there."""

    here: Path
    elsewhere: Path
    summary: RunSummary
    arrivals: tuple[Arrival, ...]
    before: frozenset[Path]

    def record(self, example: str) -> Record:
        (found,) = [result.record for result in self.summary.results if result.example == example]
        assert found is not None
        return found


def records_of_the_repository() -> frozenset[Path]:
    return frozenset((REPOSITORY / Layout(REPOSITORY).records).rglob("*.json"))


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    before = records_of_the_repository()
    here, elsewhere = (make_project(tmp_path_factory.mktemp(name), BRANCHES) for name in ("here", "elsewhere"))
    summary = rehearse(here)
    return Rehearsed(here, elsewhere, summary, carried(here, elsewhere), before)


def test_every_branch_ends_with_a_record(rehearsed: Rehearsed) -> None:
    ended = {result.example: str(result.outcome) for result in rehearsed.summary.results}
    assert ended == dict.fromkeys(BRANCHES, "ok")


def test_the_branch_for_the_device_was_taken(rehearsed: Rehearsed) -> None:
    dispatch = {point.key for point in rehearsed.record("runtime/dispatch").points}
    assert "graph" in dispatch
    assert "numpy" not in dispatch
    link = {point.key for point in rehearsed.record("fabric/host_link").points}
    assert "copy;bytes=4096;direction=to-device;memory=pinned" in link


def test_points_bear_the_clock_and_the_memory_of_the_device(rehearsed: Rehearsed) -> None:
    timed = [point for point in rehearsed.record("kernels/gemm").points if point.kind == "time"]
    on_host = [point for point in timed if point.name == "plain"]
    assert {(point.clock, point.memory.place) for point in on_host if point.memory} == {("wall", "host")}
    others = [point for point in timed if point.name != "plain"]
    assert {(point.clock, point.memory.place) for point in others if point.memory} == {("device-events", "device")}
    assert on_host
    assert others


def test_launches_were_forks_without_a_network(rehearsed: Rehearsed) -> None:
    expected = () if can_confine() else ("not isolated: the network was within reach",)
    for example in BRANCHES:
        assert (rehearsed.record(example).launched, rehearsed.record(example).caveats) == ("forked", expected)


def test_records_arrive_elsewhere_as_contributed(rehearsed: Rehearsed) -> None:
    assert {arrival.record.example for arrival in rehearsed.arrivals} == set(BRANCHES)
    assert all(arrival.new for arrival in rehearsed.arrivals)
    problems: list[Problem] = []
    stored = store.read_all(Layout(rehearsed.elsewhere), problems)
    assert {record.id for record in stored.values()} == {rehearsed.record(example).id for example in BRANCHES}
    assert set(read_contributions(Layout(rehearsed.elsewhere), problems)) == set(stored)
    assert ledger.entries(Layout(rehearsed.elsewhere)) == frozenset()
    assert problems == []


def test_the_records_of_the_repository_stay_what_they_were(rehearsed: Rehearsed) -> None:
    assert rehearsed.record("kernels/gemm").machine.id.split("-")[-3:-1] == NAME.split("-")
    assert records_of_the_repository() == rehearsed.before


def test_no_record_of_the_repository_is_of_a_stand_in() -> None:
    assert [path.name for path in (REPOSITORY / Layout(REPOSITORY).records).glob(f"*{NAME}*")] == []


@pytest.mark.parametrize("place", ["", "docs", ".stackdoc/rehearsal"])
def test_a_rehearsal_within_the_repository_is_refused(place: str) -> None:
    with pytest.raises(ValueError, match="no place in the repository"):
        make_project(REPOSITORY / place)


def test_every_branch_can_be_prepared_for_one_launch(tmp_path: Path) -> None:
    """Also those that the stand-in computes too slowly for `make test`."""
    prepared = read_examples(make_project(tmp_path), [])
    assert prepared.keys() == {branch.id for branch in branches()}
    assert {example.launches for example in prepared.values()} == {1}


PRODUCTS = """
import torch
from stackdoc.measure.devices.accelerator import AcceleratorClock
for dtype, multiply, tolerance in ((torch.int8, torch._int_mm, 0), (torch.bfloat16, torch.mm, 1e-2)):
    a, b = (torch.randint(-127, 127, (96, 96), device="cuda").to("cuda", dtype) for _ in range(2))
    exact = a.double() @ b.double()
    out = multiply(a, b)
    assert out.dtype == (torch.int32 if dtype == torch.int8 else dtype)
    assert (out.double() - exact).abs().max() <= tolerance * exact.abs().max()
block = AcceleratorClock("cuda").block(lambda: torch.mm(a, b), 3)
assert block.wall_ns > 0 and block.cpu_ns is None
"""


def test_the_stand_in_computes_what_a_gpu_would() -> None:
    environment = {**os.environ, "PYTHONPATH": f"{REPOSITORY}:{STAND_IN}"}
    subprocess.run((sys.executable, "-c", PRODUCTS), env=environment, check=True)
