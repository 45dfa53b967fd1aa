"""Runs one launch as a real process, from its order to its outcome."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stackdoc.measure.launch import LaunchOrder, LaunchResult
from stackdoc.run.environment import launch_environment
from stackdoc.run.limits import GIB, Limits
from stackdoc.run.outcome import Outcome
from stackdoc.run.task import End, Task, run_supervised


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


def run_launch(
    order: LaunchOrder, limits: Limits, interpreter: str = sys.executable, temporary: Path | None = None
) -> LaunchEnd:
    """One process of its own in a scratch directory that is gone afterwards, under all limits.

    `temporary` is for temporary files instead, when launches are to find those of earlier ones.
    """
    with tempfile.TemporaryDirectory(prefix="stackdoc-", ignore_cleanup_errors=True) as scratch:
        directory = Path(scratch, "work")
        directory.mkdir()
        result_file = Path(scratch, "result.json")
        order_file = Path(scratch, "order.json")
        order = dataclasses.replace(order, result=str(result_file))
        order_file.write_text(json.dumps(order.to_json()), encoding="utf-8")
        task = Task(
            command=(interpreter, "-m", "stackdoc.run.launch", str(order_file)),
            directory=str(directory),
            scratch=scratch,
            environment=launch_environment(os.environ, directory, temporary or directory, order.threads, interpreter),
            limits=limits,
        )
        end = run_supervised(task)
        left = _left(result_file)
        outcome, result = judge(end, left, limits, order.kind)
    return LaunchEnd(outcome, result, end.seconds, end.left_behind, tuple(left.get("caveats", ())))


def judge(end: End, left: dict[str, Any], limits: Limits, kind: str) -> tuple[Outcome, LaunchResult | None]:
    """The outcome of a launch: a limit reached comes first, then how the process ended, then what it left."""
    if end.cause != "exit":
        return Outcome(end.cause, _limit_in_words(end, limits), end.exit_code, tail=end.output), None
    code = end.exit_code or 0
    if code < 0:
        return Outcome("signal", _signal_in_words(-code), code, tail=end.output), None
    if failure := left.get("failure"):
        return Outcome(failure["outcome"], failure["reason"], code, failure["line"], end.output), None
    if code:
        return Outcome("failed", f"exit code {code}", code, tail=end.output), None
    if "result" not in left:
        return Outcome("no-result", "the process ended before its result was written", code, tail=end.output), None
    result = LaunchResult.from_json(left["result"])
    if result.refusals:
        return Outcome("refused", "; ".join(result.refusals), code, tail=end.output), None
    if sum(len(output.data) for output in result.outputs) > limits.output_bytes:
        return Outcome("output-cap", f"showed more than {limits.output_bytes} characters", code, tail=end.output), None
    if kind == "timed" and not result.points:
        return Outcome("no-result", "the script measured nothing", code, tail=end.output), None
    return Outcome("ok", exit_code=code, tail=end.output), result


def _left(result_file: Path) -> dict[str, Any]:
    """What the launch wrote, or nothing."""
    try:
        left = json.loads(result_file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return left if isinstance(left, dict) else {}


def _limit_in_words(end: End, limits: Limits) -> str:
    words = {
        "timeout": f"ran longer than {limits.seconds:g} s",
        "silent": f"neither printed nor computed for {limits.silence_seconds:g} s",
        "out-of-memory": f"used more than {limits.memory_bytes / GIB:.2g} GiB",
        "output-cap": f"printed more than {limits.output_bytes} bytes",
    }
    return words[end.cause]


def _signal_in_words(number: int) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    return f"{name} (the kernel does so when memory runs out)" if name == "SIGKILL" else name
