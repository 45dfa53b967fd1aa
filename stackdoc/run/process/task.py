"""A command to run under a supervisor, and how it ended."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import stackdoc
from stackdoc.run.process.limits import Limits

Cause = Literal["exit", "timeout", "silent", "out-of-memory", "output-cap", "too-many"]
PACKAGE_HOME = str(Path(stackdoc.__file__).parent.parent)
SLACK_SECONDS = 30.0  # beyond the limits of the task; a supervisor later than that is stuck


@dataclass(frozen=True)
class Task:
    """A command, the directory it starts in, its environment; `scratch` is removed if this process is told to stop.

    The last word of the command is the order that a warm process carries out itself instead.
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
class End:
    """Why it is over; `left_behind` counts descendants that outlived the launch and were ended."""

    cause: Cause
    exit_code: int | None
    seconds: float
    output: str
    peak_bytes: int
    left_behind: int


class Running:
    """A task under its supervisor. `answer` is the pipe it answers on, readable as soon as it has ended.

    `stop` makes the supervisor end all it started, and itself.
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
        """True when the supervisor is stuck."""
        return time.monotonic() > self._deadline

    def end(self) -> End:
        """Waits for the end. A supervisor that is stuck counts as a timeout."""
        answer = self._read(self._deadline)
        if answer is None:
            return End("timeout", None, self.task.limits.seconds, "", 0, 0)
        self._ended = True
        if not answer:
            return End("exit", 1, 0.0, "the supervisor of the launch was ended", 0, 0)
        return End(**json.loads(answer))

    def close(self) -> None:
        """Stops what has not ended, and waits for that."""
        if not self._ended:
            self._stop()
            self._read(time.monotonic() + SLACK_SECONDS)

    def _read(self, until: float) -> bytes | None:
        """Everything up to the end of the pipe; None when that does not come in time."""
        content = b""
        while select.select([self._answer], [], [], max(0.0, until - time.monotonic()))[0]:
            chunk = os.read(self._answer, 1 << 16)
            if not chunk:
                return content
            content += chunk
        return None


@contextmanager
def under_way(task: Task) -> Iterator[Running]:
    """The task under a supervisor of its own; whatever interrupts, the supervisor ends all it started."""
    with subprocess.Popen(
        (sys.executable, "-m", "stackdoc.run.process.supervisor"),
        env={**task.environment, "PYTHONPATH": PACKAGE_HOME},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as supervisor:
        assert supervisor.stdin is not None
        assert supervisor.stdout is not None
        running = Running(task, supervisor.stdout.fileno(), supervisor.terminate)
        try:
            supervisor.stdin.write(json.dumps(task.to_json()).encode())
            supervisor.stdin.close()
            yield running
        finally:
            running.close()
            _end(supervisor)


def run_supervised(task: Task) -> End:
    """The end of the task under a supervisor of its own."""
    with under_way(task) as running:
        return running.end()


def _end(supervisor: subprocess.Popen[bytes]) -> None:
    try:
        supervisor.wait(timeout=SLACK_SECONDS)
    except subprocess.TimeoutExpired:
        supervisor.kill()
        supervisor.wait()
