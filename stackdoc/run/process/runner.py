"""Run one launch as a process, from its order to its outcome: `start_launch`, then `wait_for_end`."""

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
from stackdoc.run.process.limits import GIB, Limits
from stackdoc.run.process.report import LaunchReport, read_report
from stackdoc.run.process.task import RunningTask, Task, TaskEnd, supervised
from stackdoc.run.process.variables import launch_environment
from stackdoc.run.process.zygotes import Zygotes

REPORT = "report.json"  # in the launch's scratch directory


@dataclass(frozen=True)
class LaunchEnd:
    """The outcome of one launch, with a result if it is ok.

    `left_behind` counts processes that outlived the launch; `caveats` say where it could not be isolated, `loaded`
    lists the files it loaded that its example does not list, with the SHA-256 of their bytes.
    """

    outcome: Outcome
    result: LaunchResult | None
    seconds: float
    left_behind: int = 0
    caveats: tuple[str, ...] = ()
    loaded: tuple[tuple[str, str], ...] = ()


@contextmanager
def start_launch(
    order: LaunchOrder,
    limits: Limits,
    interpreter: str = sys.executable,
    temporary: Path | None = None,
    scratch: Path | None = None,
    zygotes: Zygotes | None = None,
    modules: Sequence[str] = (),
) -> Iterator[RunningTask]:
    """Start a launch in its own directory below `scratch`; leaving the context ends it and removes the directory.

    Temporary files go to `temporary` if given, so that launches can share them. With `zygotes` the launch is a fork
    of the warm process that has imported `modules`. Raises NoZygote if it can't be forked.
    """
    with tempfile.TemporaryDirectory(prefix="stackdoc-", dir=scratch, ignore_cleanup_errors=True) as directory:
        home = Path(directory, "work")
        home.mkdir()
        order_file = Path(directory, "order.json")
        order = dataclasses.replace(order, report=str(Path(directory, REPORT)))
        order_file.write_text(json.dumps(order.to_json()), encoding="utf-8")
        environment = launch_environment(os.environ, home, temporary or home, order.threads, interpreter)
        if scratch is not None:
            environment["MPLCONFIGDIR"] = str(scratch / "matplotlib")  # its list of fonts takes seconds to make
        task = Task(
            command=(interpreter, "-m", "stackdoc.run.process.launch", str(order_file)),
            directory=str(home),
            scratch=directory,
            environment=environment,
            limits=limits,
        )
        start = supervised if zygotes is None else zygotes.get(interpreter, modules, task.environment).forked
        with start(task) as running:
            yield running


def wait_for_end(launch: RunningTask, kind: str) -> LaunchEnd:
    """Wait for a launch of that kind to end, and determine its outcome."""
    end = launch.wait()
    try:
        report, fault = read_report(Path(launch.task.scratch, REPORT)), ""
    except ValueError as error:
        report, fault = LaunchReport(), str(error)
    outcome, result = _outcome(end, report, fault, launch.task.limits, kind)
    return LaunchEnd(outcome, result, end.seconds, end.left_behind, report.caveats, report.loaded)


def _outcome(
    end: TaskEnd, report: LaunchReport, fault: str, limits: Limits, kind: str
) -> tuple[Outcome, LaunchResult | None]:
    """Return the outcome: a limit that was reached comes first, then how the process ended, then its report.

    `fault` is why there is no valid report.
    """
    if end.cause != "exit":
        name: OutcomeName = "failed" if end.cause == "too-many" else end.cause
        return Outcome(name, _describe_limit(end, limits), end.exit_code, tail=end.output), None
    code = end.exit_code or 0
    if code < 0:
        return Outcome("signal", _describe_signal(-code), code, tail=end.output), None
    if failure := report.failure:
        return Outcome(failure.outcome, failure.reason, code, failure.line, end.output), None
    if code:
        return Outcome("failed", f"exit code {code}", code, tail=end.output), None
    result = report.result
    if result is None:
        return Outcome("no-result", fault or "its result is empty", code, tail=end.output), None
    if result.refusals:
        return Outcome("refused", "; ".join(result.refusals), code, tail=end.output), None
    if sum(len(output.data) for output in result.outputs) > limits.output_bytes:
        return Outcome("output-cap", f"showed more than {limits.output_bytes} characters", code, tail=end.output), None
    if kind == "timed" and not result.points:
        return Outcome("no-result", "the script measured nothing", code, tail=end.output), None
    return Outcome("ok", exit_code=code, tail=end.output), result


def _describe_limit(end: TaskEnd, limits: Limits) -> str:
    descriptions = {
        "timeout": f"ran longer than {limits.seconds:g} s",
        "silent": f"neither printed nor computed for {limits.silence_seconds:g} s",
        "out-of-memory": f"used more than {limits.memory_bytes / GIB:.2g} GiB",
        "output-cap": f"printed more than {limits.output_bytes} bytes",
        "too-many": f"started more than {limits.processes} processes",
    }
    return descriptions[end.cause]


def _describe_signal(number: int) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    return f"{name} (the kernel sends it when memory runs out)" if name == "SIGKILL" else name
