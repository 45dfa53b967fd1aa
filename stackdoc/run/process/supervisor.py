"""The process between a run and a launch: it watches one launch, bounds it, and leaves nothing behind.

It is a process of its own so that all descendants of the launch, daemons too, are its own and no
other's, so that looking at them costs the caller nothing, and so that they end when the caller is
killed. `python -m stackdoc.run.supervisor` reads a `Task` as JSON from standard input and writes an
`End` as JSON to standard output.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict
from typing import NoReturn, Protocol

import psutil

from stackdoc.run.process.confinement import adopt_orphans, die_with_parent, limit_files
from stackdoc.run.process.limits import Limits
from stackdoc.run.process.output import Output
from stackdoc.run.process.task import Cause, End, Task

QUIET_CPU_SECONDS = 0.01  # less CPU time than this between two looks is none
COST_FACTOR = 20  # the pause between two looks is at least so many times what a look costs
LAST_KILL_SECONDS = 5.0
RUNNING_OUT: tuple[Cause, ...] = ("out-of-memory", "too-many")  # the machine is


class Child(Protocol):
    """What a supervisor needs of the process it looks after; `subprocess.Popen` has it."""

    pid: int

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Waits for the exit code. Raises subprocess.TimeoutExpired."""

    def kill(self) -> None:
        """Ends it without asking."""


class Watch:
    """Looks after one child, and the pipe it prints to, until it ends or reaches a limit."""

    def __init__(self, child: Child, pipe: int, limits: Limits) -> None:
        self.child = child
        self.limits = limits
        self.output = Output(limits.tail_bytes)
        self.peak_bytes = 0
        self._pipe: int | None = pipe
        self._deadline = time.monotonic() + limits.seconds
        self._last_sign = time.monotonic()
        self._cpu_seconds = 0.0

    def until_end(self) -> Cause:
        look_at = time.monotonic() + self.limits.poll_seconds
        while self.child.poll() is None:
            self._read(min(look_at, self._deadline))
            now = time.monotonic()
            if self.output.total > self.limits.output_bytes:
                return "output-cap"
            if now >= self._deadline:
                return "timeout"
            if now >= look_at:
                if cause := self._look():
                    return cause
                cost = time.monotonic() - now
                look_at = now + max(self.limits.poll_seconds, COST_FACTOR * cost)
        self._drain()
        return "output-cap" if self.output.total > self.limits.output_bytes else "exit"

    def _read(self, until: float) -> None:
        """Takes what is in the pipe, or waits for it, for the child's end or for `until`."""
        wait = max(0.0, until - time.monotonic())
        if self._pipe is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.child.wait(timeout=wait)
        elif select.select([self._pipe], [], [], wait)[0]:
            self._take(self._pipe)

    def _take(self, pipe: int) -> None:
        chunk = os.read(pipe, 1 << 16)
        if not chunk:
            self._pipe = None
            return
        self.output.add(chunk)
        self._last_sign = time.monotonic()

    def _drain(self) -> None:
        end = time.monotonic() + self.limits.drain_seconds
        while self._pipe is not None and self.output.total <= self.limits.output_bytes:
            remaining = end - time.monotonic()
            if remaining <= 0 or not select.select([self._pipe], [], [], remaining)[0]:
                return
            self._take(self._pipe)

    def _look(self) -> Cause | None:
        """Number, memory and CPU time of the whole tree, against the limits."""
        found = descendants()
        if len(found) > self.limits.processes:
            return "too-many"
        resident, cpu = usage(found)
        self.peak_bytes = max(self.peak_bytes, resident)
        now = time.monotonic()
        if abs(cpu - self._cpu_seconds) > QUIET_CPU_SECONDS:
            self._last_sign = now
        self._cpu_seconds = cpu
        if resident > self.limits.memory_bytes:
            return "out-of-memory"
        return "silent" if now - self._last_sign > self.limits.silence_seconds else None


def supervise(task: Task) -> End:
    """Starts the command, waits for its end, ends what is left of it."""
    limit_files(task.limits.file_bytes)
    child = subprocess.Popen(
        task.command,
        cwd=task.directory,
        env=task.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert child.stdout is not None
    return attend(child, child.stdout.fileno(), task)


def attend(child: Child, pipe: int, task: Task) -> End:
    """Waits for the child's end, ends what is left of it. Told to stop, it removes the scratch directory as well."""
    began = time.monotonic()
    watch = Watch(child, pipe, task.limits)
    try:
        try:
            cause = watch.until_end()
            seconds = time.monotonic() - began
            if cause in RUNNING_OUT:  # no grace
                _signal_group(child.pid, signal.SIGKILL)
        finally:
            left_behind = end_all(child, task.limits.grace_seconds)
    except SystemExit:
        shutil.rmtree(task.scratch, ignore_errors=True)
        raise
    left_behind = left_behind if cause == "exit" else 0
    return End(cause, child.poll(), seconds, watch.output.text, watch.peak_bytes, left_behind)


def end_all(child: Child, grace_seconds: float) -> int:
    """Ends the child and every other descendant of this process; returns how many others there were."""
    others = [process for process in descendants() if process.pid != child.pid]
    if child.poll() is None or others:
        _signal_group(child.pid, signal.SIGTERM)
        _signal_all(others, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=grace_seconds)
        psutil.wait_procs(others, timeout=grace_seconds)
    _kill_until_none(child)
    return len(others)


def _kill_until_none(child: Child) -> None:
    """A process that multiplies may need several rounds."""
    end = time.monotonic() + LAST_KILL_SECONDS
    while time.monotonic() < end:
        if child.poll() is None:
            child.kill()
            child.wait()
        found = descendants()
        if not found:
            return
        _signal_all(found, signal.SIGKILL)
        psutil.wait_procs(found, timeout=0.2)


def descendants() -> list[psutil.Process]:
    """Every process below this one, but for the dead that nobody has fetched yet."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def usage(processes: Iterable[psutil.Process]) -> tuple[int, float]:
    """Resident bytes and CPU seconds, summed."""
    resident, cpu = 0, 0.0
    for process in processes:
        with contextlib.suppress(psutil.Error), process.oneshot():
            times = process.cpu_times()
            cpu += times.user + times.system
            resident += process.memory_info().rss
    return resident, cpu


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _signal_all(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.send_signal(number)


def stop(number: int, frame: object) -> NoReturn:
    """For SIGTERM: leaves by way of everything that has to be ended first."""
    del frame
    raise SystemExit(128 + number)


def main() -> None:
    signal.signal(signal.SIGTERM, stop)
    die_with_parent(signal.SIGTERM)
    adopt_orphans()
    end = supervise(Task.from_json(json.load(sys.stdin)))
    json.dump(asdict(end), sys.stdout)


if __name__ == "__main__":
    main()
