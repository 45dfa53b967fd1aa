"""A trial of records: all that is shown of each is made once, in a process with limits, before they are accepted."""

from __future__ import annotations

import json
import os
import pickle
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from stackdoc.errors import Problem, StackdocError, line
from stackdoc.model.record import Record
from stackdoc.render.rehearsal import PATIENCE, RECORDS, REPORT
from stackdoc.run.process.limits import GIB, KIB, Limits
from stackdoc.run.process.task import Task, TaskEnd, supervised
from stackdoc.run.process.variables import launch_environment

SECONDS = 10.0  # of processor time for all that is shown of one record, which takes a fraction of one
AT_ONCE = 500  # records shown by one process
TOGETHER = 40  # records whose figures are drawn by one call
WORTH_IT = 20  # records for which another process is started, which takes a second
PROCESSES = min(os.cpu_count() or 1, 4)
MOST_ENDED = 5  # records that may end their process before the others are left untried
START_SECONDS = 60.0
LIMITS = Limits(silence_seconds=2 * PATIENCE * SECONDS, poll_seconds=0.1, output_bytes=256 * KIB, memory_bytes=2 * GIB)


@dataclass(frozen=True)
class _Tried:
    """What came of a batch: why records can't be shown, by their ids, and those that are still to be tried.

    The process was `ended_by` one record, whose fault that is, or by the figures of several if that is empty.
    """

    faults: Mapping[str, str]
    untried: Sequence[Record] = ()
    ended_by: str | None = None


def try_records(records: Sequence[Record], known: Mapping[str, Record], seconds: float = SECONDS) -> dict[str, str]:
    """Return why records can't be shown, by their ids. `known` has the records of their roofs, `seconds` bounds each.

    After a few records that ended their process, those that were not tried yet are returned too.
    """
    faults: dict[str, str] = {}
    ended, together, waiting = 0, TOGETHER, sorted(records, key=lambda record: record.example)
    while waiting and ended < MOST_ENDED:
        count = min(PROCESSES, 1 + len(waiting) // WORTH_IT)
        now, waiting = waiting[: count * AT_ONCE], waiting[count * AT_ONCE :]
        batches = [now[place::count] for place in range(count)]
        for tried in _try_batches(batches, known, seconds, together):
            faults |= tried.faults
            waiting += tried.untried
            if tried.ended_by == "":
                together = 1  # so that the culprit is named
            elif tried.ended_by:
                ended += 1
    return faults | {record.id: f"was not tried, since {ended} records ended the trial" for record in waiting}


def _try_batches(
    batches: Sequence[Sequence[Record]], known: Mapping[str, Record], seconds: float, together: int
) -> list[_Tried]:
    """Show each batch in a process of its own, the figures of several records `together`."""
    with ExitStack() as stack:
        running = []
        for batch in batches:
            name = stack.enter_context(TemporaryDirectory(prefix="stackdoc-", ignore_cleanup_errors=True))
            task = _task(Path(name), [(record, known.get(record.roofs)) for record in batch], seconds, together)
            running.append(stack.enter_context(supervised(task)))
        ends = [process.wait() for process in running]
        reports = [(Path(process.task.directory) / REPORT) for process in running]
        return [_result(*ended, seconds) for ended in zip(batches, ends, map(_entries, reports), strict=True)]


def _task(folder: Path, records: Sequence[tuple[Record, Record | None]], seconds: float, together: int) -> Task:
    with (folder / RECORDS).open("wb") as stream:
        pickle.dump((seconds, together), stream)
        for record in records:
            pickle.dump(record, stream)  # each alone, so that the process has a few of them in memory
    command = (sys.executable, "-m", "stackdoc.render.rehearsal", str(folder))
    environment = launch_environment(os.environ, folder, folder, threads=1)
    limits = replace(LIMITS, seconds=START_SECONDS + 2 * PATIENCE * seconds * len(records))
    return Task(command, str(folder), str(folder), environment, limits)


def _entries(report: Path) -> list[list[str]]:
    """Return what a process reported: for each part of a record the record's id, its name and its fault."""
    text = report.read_text("utf-8") if report.exists() else ""
    return [json.loads(entry) for entry in text.split("\n")[:-1]]


def _result(records: Sequence[Record], end: TaskEnd, entries: Sequence[list[str]], seconds: float) -> _Tried:
    """Return what came of a batch: all were tried, or some up to a part that ended the process."""
    faults: dict[str, str] = {}
    for id, part, fault in entries:
        if fault:
            faults.setdefault(id, f"its {part} can't be made: {line(fault)}")
    tried = {id for id, part, _ in entries if not part}
    untried = [record for record in records if record.id not in tried]
    if not untried:
        return _Tried(faults)
    if not entries or not entries[-1][1]:
        raise StackdocError([Problem("bundle", 0, "", f"the records can't be tried: {_why(end, seconds)}")])
    id, part, _ = entries[-1]
    if id:
        faults[id] = f"making its {part} {_why(end, seconds)}"
    return _Tried(faults, [record for record in untried if record.id != id], id)


def _why(end: TaskEnd, seconds: float) -> str:
    timers = {
        -signal.SIGPROF: f"takes more than {seconds:g} s of processor time",
        -signal.SIGALRM: f"takes longer than {PATIENCE * seconds:g} s",
    }
    return timers.get(end.exit_code or 0) or end.fault(LIMITS) or f"ended early: {line(end.output)}"
