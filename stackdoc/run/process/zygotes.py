"""The warm processes of a round of launches: each is started on its first use, and ended with the round."""

from __future__ import annotations

import json
import os
import platform
import select
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from packaging.utils import canonicalize_name

from stackdoc.model.example import Example
from stackdoc.plan.freshness import package_names
from stackdoc.run.process.task import READY, RunningTask, Task

CAN_FORK = sys.platform == "linux"  # elsewhere system libraries do not survive a fork
HEAVY_MODULES = ("torch",)  # take seconds to import, and their import starts no thread
FIRST_SECONDS = 900.0  # for the first import of a run, which takes minutes from a cold disk or over a network
START_SECONDS = 120.0
END_SECONDS = 2.0
LAUNCH_VARIABLES = ("HOME", "TMPDIR")  # differ for every launch


def heavy_imports(example: Example) -> tuple[str, ...]:
    """Return the example's dependencies that are worth importing once for several launches."""
    declared = package_names(example.dependencies, platform.python_version())
    return tuple(module for module in HEAVY_MODULES if canonicalize_name(module) in declared)


class NoZygote(Exception):
    """A launch can't be forked from a warm process; the message gives the reason."""


class Zygote:
    """A warm process that has imported `modules`. `refusal` is the reason why it can't be forked, empty if it can.

    `late` is true if the only reason is that it was not ready within `seconds`: another attempt may succeed.
    """

    def __init__(
        self,
        interpreter: str,
        modules: Sequence[str],
        environment: Mapping[str, str],
        directory: Path,
        seconds: float = START_SECONDS,
    ) -> None:
        self.late = False
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                (interpreter, "-m", "stackdoc.run.process.zygote", str(theirs.fileno()), *modules),
                cwd=directory,
                env={**environment, **dict.fromkeys(LAUNCH_VARIABLES, str(directory))},
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.refusal = "the warm process did not start"
        try:
            self.refusal = self._receive_refusal(seconds)
        finally:
            if self.refusal:
                self.close()

    def _receive_refusal(self, seconds: float) -> str:
        if not select.select([self._channel], [], [], seconds)[0]:
            self.late = True
            return f"the warm process was not ready after {seconds:g} s"
        with suppress(ConnectionError):
            status = self._channel.recv(1 << 16).decode()
            if status:
                return "" if status == READY else status
        return "the warm process ended before it was ready"

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @contextmanager
    def forked(self, task: Task) -> Iterator[RunningTask]:
        """Run the task in a fork. Leaving the context early ends this process and all its forks."""
        answer, theirs = os.pipe()
        try:
            try:
                socket.send_fds(self._channel, [json.dumps(task.to_json()).encode()], [theirs])
            finally:
                os.close(theirs)
            running = RunningTask(task, answer, self._process.terminate)
            try:
                yield running
            finally:
                running.close()
        finally:
            os.close(answer)

    def close(self) -> None:
        """End the process and its running forks."""
        self._channel.close()
        try:
            self._process.wait(timeout=END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@dataclass(frozen=True)
class ZygoteKey:
    """What launches must have in common to be forked from one process."""

    interpreter: str
    modules: tuple[str, ...]
    environment: frozenset[tuple[str, str]]


class Zygotes:
    """One warm process for each key and round."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory  # with nothing to import in it
        self._refusals: dict[ZygoteKey, str] = {}
        self._running: dict[ZygoteKey, Zygote] = {}
        self._started: set[ZygoteKey] = set()  # which were ready once, so that their files are cached

    def __enter__(self) -> Zygotes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.renew()

    def renew(self) -> None:
        """Begin a round: end the processes of the last one."""
        while self._running:
            self._running.popitem()[1].close()

    def get(self, interpreter: str, modules: Sequence[str], environment: Mapping[str, str]) -> Zygote:
        """Return the round's warm process for such launches. Raises NoZygote if none can start, then and later.

        A process that was late is started once more, and is tried again in later launches.
        """
        shared = {name: value for name, value in environment.items() if name not in LAUNCH_VARIABLES}
        key = ZygoteKey(interpreter, tuple(modules), frozenset(shared.items()))
        if key in self._refusals:
            raise NoZygote(self._refusals[key])
        running = self._running.get(key)
        if running is not None:
            if running.alive:
                return running
            running.close()
        zygote = self._start(key, shared)
        if zygote.late:
            zygote = self._start(key, shared)
        if zygote.refusal:
            if not zygote.late:
                self._refusals[key] = zygote.refusal
            raise NoZygote(zygote.refusal)
        self._started.add(key)
        self._running[key] = zygote
        return zygote

    def _start(self, key: ZygoteKey, environment: Mapping[str, str]) -> Zygote:
        seconds = START_SECONDS if key in self._started else FIRST_SECONDS
        return Zygote(key.interpreter, key.modules, environment, self._directory, seconds)
