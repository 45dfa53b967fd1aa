"""Runs one launch as a real process, from its order to its outcome: `started`, then `wait_for`."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stackdoc.measure.wire import LaunchOrder, LaunchResult
from stackdoc.run.outcome import Outcome, OutcomeName
from stackdoc.run.process.left import Left, read_left
from stackdoc.run.process.limits import GIB, Limits
from stackdoc.run.process.task import End, Running, Task, under_way
from stackdoc.run.process.variables import launch_environment
from stackdoc.run.process.zygotes import Zygotes

RESULT = "result.json"  # in the launch's scratch directory


@dataclass(frozen=True)
class LaunchEnd:
    """`result` is there when the outcome is ok; `left_behind` counts processes the launch did not end itself.

    `caveats` are what the launch says of its own confinement.
    """

    outcome: Outcome
    result: LaunchResult | None
    seconds: float
    left_behind: int = 0
    caveats: tuple[str, ...] = ()


@contextmanager
def started(
    order: LaunchOrder,
    limits: Limits,
    interpreter: str = sys.executable,
    temporary: Path | None = None,
    scratch: Path | None = None,
    zygotes: Zygotes | None = None,
    modules: Sequence[str] = (),
) -> Iterator[Running]:
    """A launch in a directory of its own below `scratch`, gone afterwards, under all limits; leaving early ends it.

    `temporary` is for temporary files instead, when launches are to find those of earlier ones. With `zygotes`
    it is a fork of the warm process that has imported `modules`. Raises NoZygote where there can be none.
    """
    with tempfile.TemporaryDirectory(prefix="stackdoc-", dir=scratch, ignore_cleanup_errors=True) as own:
        directory = Path(own, "work")
        directory.mkdir()
        order_file = Path(own, "order.json")
        order = dataclasses.replace(order, result=str(Path(own, RESULT)))
        order_file.write_text(json.dumps(order.to_json()), encoding="utf-8")
        task = Task(
            command=(interpreter, "-m", "stackdoc.run.process.launch", str(order_file)),
            directory=str(directory),
            scratch=own,
            environment=launch_environment(os.environ, directory, temporary or directory, order.threads, interpreter),
            limits=limits,
        )
        start = under_way if zygotes is None else zygotes.get(interpreter, modules, task.environment).under_way
        with start(task) as running:
            yield running


def wait_for(launch: Running, kind: str) -> LaunchEnd:
    """The end of a launch of that kind, judged by how it ended and what it left."""
    end = launch.end()
    try:
        left, fault = read_left(Path(launch.task.scratch, RESULT)), ""
    except ValueError as error:
        left, fault = Left(), str(error)
    outcome, result = judge(end, left, fault, launch.task.limits, kind)
    return LaunchEnd(outcome, result, end.seconds, end.left_behind, left.caveats)


def judge(end: End, left: Left, fault: str, limits: Limits, kind: str) -> tuple[Outcome, LaunchResult | None]:
    """The outcome of a launch: a limit reached comes first, then how the process ended, then what it left.

    `fault` is why nothing is known of what it left.
    """
    if end.cause != "exit":
        name: OutcomeName = "failed" if end.cause == "too-many" else end.cause
        return Outcome(name, _limit_in_words(end, limits), end.exit_code, tail=end.output), None
    code = end.exit_code or 0
    if code < 0:
        return Outcome("signal", _signal_in_words(-code), code, tail=end.output), None
    if failure := left.failure:
        return Outcome(failure.outcome, failure.reason, code, failure.line, end.output), None
    if code:
        return Outcome("failed", f"exit code {code}", code, tail=end.output), None
    result = left.result
    if result is None:
        return Outcome("no-result", fault or "its result holds nothing", code, tail=end.output), None
    if result.refusals:
        return Outcome("refused", "; ".join(result.refusals), code, tail=end.output), None
    if sum(len(output.data) for output in result.outputs) > limits.output_bytes:
        return Outcome("output-cap", f"showed more than {limits.output_bytes} characters", code, tail=end.output), None
    if kind == "timed" and not result.points:
        return Outcome("no-result", "the script measured nothing", code, tail=end.output), None
    return Outcome("ok", exit_code=code, tail=end.output), result


def _limit_in_words(end: End, limits: Limits) -> str:
    words = {
        "timeout": f"ran longer than {limits.seconds:g} s",
        "silent": f"neither printed nor computed for {limits.silence_seconds:g} s",
        "out-of-memory": f"used more than {limits.memory_bytes / GIB:.2g} GiB",
        "output-cap": f"printed more than {limits.output_bytes} bytes",
        "too-many": f"started more than {limits.processes} processes",
    }
    return words[end.cause]


def _signal_in_words(number: int) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    return f"{name} (the kernel does so when memory runs out)" if name == "SIGKILL" else name
