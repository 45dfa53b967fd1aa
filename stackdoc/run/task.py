"""A command to run under a supervisor, and how it ended."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import stackdoc
from stackdoc.run.limits import Limits

Cause = Literal["exit", "timeout", "silent", "out-of-memory", "output-cap"]
PACKAGE_HOME = str(Path(stackdoc.__file__).parent.parent)
SLACK_SECONDS = 30.0  # beyond the limits of the task; a supervisor later than that is stuck


@dataclass(frozen=True)
class Task:
    """A command, the directory it starts in, its environment; `scratch` is removed if this process is told to stop."""

    command: Sequence[str]
    directory: str
    scratch: str
    environment: dict[str, str]
    limits: Limits


@dataclass(frozen=True)
class End:
    """Why it is over; `left_behind` counts descendants that outlived the launch and were ended."""

    cause: Cause
    exit_code: int | None
    seconds: float
    output: str
    peak_bytes: int
    left_behind: int


def run_supervised(task: Task) -> End:
    """The task under a supervisor; whatever interrupts this call, the supervisor ends all it started."""
    limits = task.limits
    with subprocess.Popen(
        (sys.executable, "-m", "stackdoc.run.supervisor"),
        env={**task.environment, "PYTHONPATH": PACKAGE_HOME},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        text=True,
        encoding="utf-8",
    ) as supervisor:
        try:
            timeout = limits.seconds + limits.grace_seconds + SLACK_SECONDS
            answer, _ = supervisor.communicate(json.dumps(asdict(task)), timeout=timeout)
        except subprocess.TimeoutExpired:
            return End("timeout", None, limits.seconds, "", 0, 0)
        finally:
            _end(supervisor)
    if supervisor.returncode != 0:
        return End("exit", supervisor.returncode, 0.0, "the supervisor of the launch was ended", 0, 0)
    return End(**json.loads(answer))


def _end(supervisor: subprocess.Popen[str]) -> None:
    if supervisor.poll() is None:
        supervisor.terminate()
        try:
            supervisor.wait(timeout=SLACK_SECONDS)
        except subprocess.TimeoutExpired:
            supervisor.kill()
            supervisor.wait()
