"""The warm processes of one round of launches: started when first asked for, ended with the round."""

from __future__ import annotations

import json
import os
import platform
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from packaging.utils import canonicalize_name

from stackdoc.model.example import Example
from stackdoc.plan.freshness import package_names
from stackdoc.run.process.task import Running, Task

CAN_FORK = sys.platform == "linux"  # elsewhere system libraries do not survive a fork
HEAVY = ("torch",)  # what takes seconds to import and leaves no thread behind
READY = "ready"
START_SECONDS = 120.0
END_SECONDS = 2.0
OWN_PLACES = ("HOME", "TMPDIR")  # differ for every launch


def heavy_imports(example: Example) -> tuple[str, ...]:
    """The modules worth importing once for several launches, among the packages that the example declares."""
    declared = package_names(example.dependencies, platform.python_version())
    return tuple(module for module in HEAVY if canonicalize_name(module) in declared)


class NoZygote(Exception):
    """Such launches can't be forks of a warm process; the message says why."""


class Zygote:
    """A process that has imported `modules`. `refusal` says why launches can't be forks of it, or is empty."""

    def __init__(self, interpreter: str, modules: Sequence[str], environment: Mapping[str, str], place: Path) -> None:
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                (interpreter, "-m", "stackdoc.run.process.zygote", str(theirs.fileno()), *modules),
                cwd=place,
                env={**environment, **dict.fromkeys(OWN_PLACES, str(place))},
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.refusal = "the warm process did not start"
        try:
            self.refusal = self._hear()
        finally:
            if self.refusal:
                self.close()

    def _hear(self) -> str:
        if not select.select([self._channel], [], [], START_SECONDS)[0]:
            return f"the warm process was not ready after {START_SECONDS:g} s"
        with suppress(ConnectionError):
            said = self._channel.recv(1 << 16).decode()
            if said:
                return "" if said == READY else said
        return "the warm process ended before it was ready"

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @contextmanager
    def under_way(self, task: Task) -> Iterator[Running]:
        """The task as a fork. What interrupts it ends this process with all that was forked from it."""
        answer, theirs = os.pipe()
        try:
            try:
                socket.send_fds(self._channel, [json.dumps(task.to_json()).encode()], [theirs])
            finally:
                os.close(theirs)
            running = Running(task, answer, self._process.terminate)
            try:
                yield running
            finally:
                running.close()
        finally:
            os.close(answer)

    def close(self) -> None:
        """Ends it; forks that are under way end with it."""
        self._channel.close()
        try:
            self._process.wait(timeout=END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@dataclass(frozen=True)
class Kind:
    """Launches that may be forks of one process: of an interpreter, with these imports and this environment."""

    interpreter: str
    modules: tuple[str, ...]
    environment: frozenset[tuple[str, str]]


class Zygotes:
    """One warm process a kind and round. `seconds` went into starting those of all `rounds`."""

    def __init__(self, place: Path) -> None:
        self._place = place  # where they find nothing to import
        self._refusals: dict[Kind, str] = {}
        self.seconds = 0.0
        self.rounds = 0
        self._running: dict[Kind, Zygote] = {}

    def __enter__(self) -> Zygotes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.renew()

    def renew(self) -> None:
        """Begins a round: what was started in the last one ends."""
        self.rounds += 1
        while self._running:
            self._running.popitem()[1].close()

    @property
    def round_seconds(self) -> float:
        """What starting them takes in one round, on average."""
        return self.seconds / self.rounds if self.rounds else 0.0

    def get(self, interpreter: str, modules: Sequence[str], environment: Mapping[str, str]) -> Zygote:
        """The round's warm process for such launches. Raises NoZygote where there can be none, also for good."""
        shared = {name: value for name, value in environment.items() if name not in OWN_PLACES}
        kind = Kind(interpreter, tuple(modules), frozenset(shared.items()))
        if kind in self._refusals:
            raise NoZygote(self._refusals[kind])
        known = self._running.get(kind)
        if known is not None:
            if known.alive:
                return known
            known.close()
        began = time.monotonic()
        zygote = Zygote(interpreter, modules, shared, self._place)
        self.seconds += time.monotonic() - began
        if zygote.refusal:
            self._refusals[kind] = zygote.refusal
            raise NoZygote(zygote.refusal)
        self._running[kind] = zygote
        return zygote
