"""A command to run under a supervisor, and its end."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import stackdoc
from stackdoc.run.process.limits import GIB, Limits

Cause = Literal["exit", "timeout", "silent", "out-of-memory", "output-cap", "too-many"]
PACKAGE_HOME = str(Path(stackdoc.__file__).parent.parent)
READY = "ready"  # the first message of a warm process, if launches can be forked from it
SLACK_SECONDS = 30.0  # a supervisor that exceeds the limits of its task by more than this is stuck


@dataclass(frozen=True)
class Task:
    """A command with its working directory, its environment variables and its limits.

    The supervisor removes `scratch` if it is terminated. The last word of the command is the file of a `LaunchOrder`,
    which the fork of a warm process executes instead of the command.
    """

    command: Sequence[str]
    directory: str
    scratch: str
    environment: dict[str, str]
    limits: Limits

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Task:
        return cls(**{**data, "limits": Limits(**data["limits"])})


@dataclass(frozen=True)
class TaskEnd:
    """Why a task ended; `left_behind` counts descendants that outlived it and were ended."""

    cause: Cause
    exit_code: int | None
    seconds: float
    output: str
    left_behind: int

    def fault(self, limits: Limits) -> str:
        """Return why the task did not end well, as the rest of a sentence about it; empty if it did."""
        if self.cause == "out-of-memory":
            return f"takes more than {limits.memory_bytes / GIB:g} GiB"
        if self.cause in ("timeout", "silent"):
            return f"takes longer than {limits.seconds:g} s"
        code = self.exit_code or 0
        if code < 0:
            return f"ended in {signal.Signals(-code).name}"
        return f"ended with exit code {code}" if code or self.cause != "exit" else ""


class RunningTask:
    """A task under its supervisor.

    `answer` is the read end of the pipe that the supervisor writes the `TaskEnd` to; it becomes readable when the
    task has ended. `stop` makes the supervisor end everything it started, and itself.
    """

    def __init__(self, task: Task, answer: int, stop: Callable[[], None]) -> None:
        self.task = task
        self._answer = answer
        self._stop = stop
        self._ended = False
        self._deadline = time.monotonic() + task.limits.seconds + task.limits.grace_seconds + SLACK_SECONDS

    def fileno(self) -> int:
        return self._answer

    @property
    def overdue(self) -> bool:
        """Whether the supervisor is stuck."""
        return time.monotonic() > self._deadline

    def wait(self) -> TaskEnd:
        """Wait for the end. A supervisor that is stuck counts as a timeout."""
        answer = self._read(self._deadline)
        if answer is None:
            return TaskEnd("timeout", None, self.task.limits.seconds, "", 0)
        self._ended = True
        if not answer:
            return TaskEnd("exit", 1, 0.0, "the supervisor of the launch was killed", 0)
        return TaskEnd(**json.loads(answer))

    def close(self) -> None:
        """Stop the task unless it has ended, and wait until it has."""
        if not self._ended:
            self._stop()
            self._read(time.monotonic() + SLACK_SECONDS)

    def _read(self, until: float) -> bytes | None:
        """Read to the end of the pipe; None if that does not come in time."""
        content = b""
        while select.select([self._answer], [], [], max(0.0, until - time.monotonic()))[0]:
            chunk = os.read(self._answer, 1 << 16)
            if not chunk:
                return content
            content += chunk
        return None


@contextmanager
def supervised(task: Task) -> Iterator[RunningTask]:
    """Run the task under its own supervisor, which ends everything it started when the context is left."""
    with subprocess.Popen(
        (sys.executable, "-m", "stackdoc.run.process.supervisor"),
        env={**task.environment, "PYTHONPATH": PACKAGE_HOME},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as supervisor:
        assert supervisor.stdin is not None
        assert supervisor.stdout is not None
        running = RunningTask(task, supervisor.stdout.fileno(), supervisor.terminate)
        try:
            supervisor.stdin.write(json.dumps(task.to_json()).encode())
            supervisor.stdin.close()
            yield running
        finally:
            running.close()
            _wait_or_kill(supervisor)


def run_supervised(task: Task) -> TaskEnd:
    """Run the task under its own supervisor to its end."""
    with supervised(task) as running:
        return running.wait()


def _wait_or_kill(supervisor: subprocess.Popen[bytes]) -> None:
    try:
        supervisor.wait(timeout=SLACK_SECONDS)
    except subprocess.TimeoutExpired:
        supervisor.kill()
        supervisor.wait()
