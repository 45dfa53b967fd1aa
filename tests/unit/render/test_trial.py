"""Records are shown once before they are accepted: what crashes, hangs or takes too much is named with the reason."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stackdoc.errors import StackdocError
from stackdoc.measure.outputs import VEGA_LITE
from stackdoc.model.record import Output, Record, Work
from stackdoc.render import rehearsal, trial
from stackdoc.render.figures import svg, vega
from stackdoc.render.trial import try_records
from stackdoc.run.process.task import RunningTask, Task, supervised
from tests.made import two_machines
from tests.made.points import NINE, timed
from tests.made.records import made_record

ROWS = {"values": [{"a": 1, "b": 2}, {"a": 2, "b": 3}]}
CHART = {"data": ROWS, "mark": "bar", "encoding": {"x": {"field": "a"}, "y": {"field": "b"}}}
SLOW = "test(/^(a|a)*b$/, '" + "a" * 40 + "')"  # a regular expression that takes for ever
HANGS = {**CHART, "transform": [{"filter": SLOW}]}
ENDLESS = {**CHART, "transform": [{"density": "a", "steps": 2e9}]}


def charted(spec: object, **changes: Any) -> Record:
    text = spec if isinstance(spec, str) else json.dumps(spec)
    return made_record(outputs=(Output(0, VEGA_LITE, text),), **changes)


@pytest.fixture(autouse=True)
def without_timers() -> Iterator[None]:
    """What is shown in this process leaves no timer that would end it."""
    yield
    for timer in (signal.ITIMER_PROF, signal.ITIMER_REAL):
        signal.setitimer(timer, 0)


def good(number: int) -> Record:
    return made_record(digest=f"good {number}", points=(timed(NINE, work=Work(1e9, 1e6)), timed(NINE, "b")))


def tasks_started(monkeypatch: pytest.MonkeyPatch) -> list[Task]:
    """The tasks of the processes that are started from here on."""
    tasks: list[Task] = []

    def started(task: Task) -> AbstractContextManager[RunningTask]:
        tasks.append(task)
        return supervised(task)

    monkeypatch.setattr(trial, "supervised", started)
    return tasks


def test_good_records_of_all_kinds_pass_in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    started = tasks_started(monkeypatch)
    records = [good(1), charted(CHART), made_record(points=(), digest="none"), charted("no JSON", digest="d3")]
    assert try_records(records, {}) == {}
    assert len(started) == 1


def test_many_records_are_shared_by_several_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    started = tasks_started(monkeypatch)
    monkeypatch.setattr(trial, "PROCESSES", 2)
    monkeypatch.setattr(trial, "WORTH_IT", 3)
    monkeypatch.setattr(trial, "AT_ONCE", 2)
    bare = made_record(points=(replace(timed(NINE), launches=()),))
    records = [*(made_record(digest=str(number)) for number in range(4)), bare]
    assert list(try_records(records, {})) == [bare.id]
    assert len(started) == 3  # two, two and one


def test_no_secret_of_the_caller_reaches_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TOKEN", "secret")
    tasks = tasks_started(monkeypatch)
    assert try_records([good(1)], {}) == {}
    assert "SOME_TOKEN" not in tasks[0].environment
    assert not Path(tasks[0].directory).exists()


DEADLY = """
import os, sys
from pathlib import Path
from stackdoc.render import rehearsal
draw = rehearsal._draw
def dying(specs):
    specs = list(specs)
    if any("of mercury" in spec for spec in specs):
        os.abort()
    draw(specs)
rehearsal._draw = dying
rehearsal.main(Path(sys.argv[1]))
"""


@pytest.mark.case(66)
def test_the_record_whose_figure_ends_the_process_is_named_though_figures_are_drawn_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[Task] = []

    def dying(task: Task) -> AbstractContextManager[RunningTask]:
        started.append(task)
        return supervised(replace(task, command=(sys.executable, "-c", DEADLY, task.command[-1])))

    monkeypatch.setattr(trial, "supervised", dying)
    deadly = made_record(points=(timed(NINE, "of mercury"), timed(NINE, "b")))
    faults = try_records([good(1), deadly, good(2), good(3)], {})
    assert faults == {deadly.id: "making its figures ended in SIGABRT"}
    assert len(started) == 3  # together, each alone, and those after the culprit


def test_figures_that_can_not_be_drawn_together_are_drawn_for_each_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [made_record(points=(timed(NINE, name), timed(NINE, "b"))) for name in ("a", "of mercury", "c")]
    drawn: list[str] = []

    def refusing(spec: str) -> str:
        drawn.append(spec)
        if "of mercury" in spec:
            raise ValueError("no such font")
        return ""

    monkeypatch.setattr(vega, "svg", refusing)
    entries = list(rehearsal._shown(tmp_path, [(record, None) for record in records], 10))
    faults = [entry for entry in entries if entry[2]]
    assert faults == [(records[1].id, "figures", "ValueError: no such font")]
    assert [id for id, part, _ in entries if not part] == [record.id for record in records]
    assert len(drawn) == 4  # together, then each
    drawn.clear()
    list(rehearsal._shown(tmp_path / "other", [(record, None) for record in records[::2]], 10))
    assert len(drawn) == 1


@pytest.mark.case(66)
def test_a_fault_in_a_computation_is_named_with_the_part_and_the_others_are_tried() -> None:
    bare = made_record(points=(replace(timed(NINE), launches=()),))  # that the examination of fields would refuse
    faults = try_records([good(1), bare, good(2)], {})
    assert list(faults) == [bare.id]
    assert faults[bare.id].startswith("its exports can't be made: ")


@pytest.mark.case(56)
@pytest.mark.case(68)
def test_a_chart_that_takes_for_ever_is_ended_and_named_and_the_others_are_tried() -> None:
    hangs, bare = charted(HANGS), made_record(points=(replace(timed(NINE), launches=()),))
    started = time.monotonic()
    faults = try_records([good(1), hangs, bare, good(2)], {}, seconds=2)
    assert faults.keys() == {hangs.id, bare.id}
    assert faults[hangs.id] == "making its outputs takes more than 2 s of processor time"
    assert time.monotonic() - started < 30


@pytest.mark.case(56)
@pytest.mark.case(68)
def test_a_chart_that_crashes_or_takes_all_memory_is_named() -> None:
    endless = charted(ENDLESS)
    (fault,) = try_records([endless], {}, seconds=3).values()
    assert fault.startswith("making its outputs ")


def test_after_a_few_that_end_the_process_the_rest_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "MOST_ENDED", 2)
    hanging = [charted(HANGS, digest=str(number)) for number in range(3)]
    faults = try_records([*hanging, good(1)], {}, seconds=1)
    assert [reason.split(" ")[0] for reason in faults.values()] == ["making", "making", "was", "was"]


def test_a_process_that_can_not_start_is_a_problem_and_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "RECORDS", "elsewhere")
    with pytest.raises(StackdocError, match="the records can't be tried: ended with exit code 1"):
        try_records([good(1)], {})


def test_every_kind_of_figure_is_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = two_machines.product(512)
    points = tuple(two_machines.timed("product", n * 1e-6, work, n=n) for n in (1, 2, 3, 4, 5))
    record = two_machines.record("d" * 12, "kernels/gemm", two_machines.ZEN, points, roofs="c" * 12)
    roofs = two_machines.site(tmp_path).records["cccccccccccc"]
    site = rehearsal.site_of(tmp_path, record, roofs)
    kinds: list[str] = []
    for kind, make in svg.KINDS.items():

        def made(*drawn: Any, kind: str = kind, make: Any = make) -> Any:
            kinds.append(kind)
            return make(*drawn)

        monkeypatch.setitem(svg.KINDS, kind, made)
    for part in rehearsal.PARTS.values():
        part(site, record, vega.svg)
    assert set(kinds) == set(svg.KINDS)
