"""The process between a run and a launch: it watches one launch, enforces its limits, and leaves no process behind.

A separate process is needed so that its descendants are exactly those of the launch, daemons included, that watching
them costs the caller nothing, and that they end when the caller is killed. `python -m
stackdoc.run.process.supervisor` reads a `Task` as JSON from standard input and writes a `TaskEnd` to standard output.
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
from pathlib import Path
from typing import NoReturn, Protocol

import psutil

from stackdoc.measure.streams import STREAMS
from stackdoc.run.process.confinement import adopt_orphans, die_with_parent, limit_files
from stackdoc.run.process.limits import Limits
from stackdoc.run.process.output import OutputTail
from stackdoc.run.process.shared_memory import unmapped_bytes
from stackdoc.run.process.task import Cause, Task, TaskEnd

IDLE_CPU_SECONDS = 0.01  # a launch that uses less between two checks is idle
COST_FACTOR = 20  # the interval between two checks is at least this multiple of the time that a check takes
LAST_KILL_SECONDS = 5.0
URGENT: tuple[Cause, ...] = ("out-of-memory", "too-many")  # before the whole machine is affected


class Child(Protocol):
    """The methods of a child process that a supervisor uses, as in `subprocess.Popen`."""

    pid: int

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the exit code. Raises subprocess.TimeoutExpired."""

    def kill(self) -> None:
        """Send SIGKILL."""


class Watch:
    """Watches a child, the pipe with its output and the files in `scratch` that it may print to instead, until the
    child ends or reaches a limit.
    """

    def __init__(self, child: Child, pipe: int, limits: Limits, scratch: str) -> None:
        self.child = child
        self.limits = limits
        self.output = OutputTail(limits.tail_bytes)
        self._streams = [Path(scratch, name) for name in STREAMS]
        self._streamed_bytes = 0
        self._pipe: int | None = pipe
        self._deadline = time.monotonic() + limits.seconds
        self._last_activity = time.monotonic()
        self._cpu_seconds = 0.0

    def wait(self) -> Cause:
        next_check = time.monotonic() + self.limits.poll_seconds
        while self.child.poll() is None:
            self._read(min(next_check, self._deadline))
            now = time.monotonic()
            if self.output.total > self.limits.output_bytes:
                return "output-cap"
            if now >= self._deadline:
                return "timeout"
            if now >= next_check:
                if cause := self._check():
                    return cause
                cost = time.monotonic() - now
                next_check = now + max(self.limits.poll_seconds, COST_FACTOR * cost)
        self._drain()
        return "output-cap" if self.output.total > self.limits.output_bytes else "exit"

    def read_streams(self) -> None:
        """Read the files of a child that died before it removed them."""
        for path in self._streams:
            with contextlib.suppress(OSError), path.open("rb") as stream:
                skipped = max(0, stream.seek(0, os.SEEK_END) - self.limits.tail_bytes)
                stream.seek(skipped)
                self.output.total += skipped
                self.output.add(stream.read(self.limits.tail_bytes))

    def _read(self, until: float) -> None:
        """Read from the pipe; wait for output, for the child's end or for `until`."""
        timeout = max(0.0, until - time.monotonic())
        if self._pipe is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.child.wait(timeout=timeout)
        elif select.select([self._pipe], [], [], timeout)[0]:
            self._read_chunk(self._pipe)

    def _read_chunk(self, pipe: int) -> None:
        chunk = os.read(pipe, 1 << 16)
        if not chunk:
            self._pipe = None
            return
        self.output.add(chunk)
        self._last_activity = time.monotonic()

    def _drain(self) -> None:
        end = time.monotonic() + self.limits.drain_seconds
        while self._pipe is not None and self.output.total <= self.limits.output_bytes:
            remaining = end - time.monotonic()
            if remaining <= 0 or not select.select([self._pipe], [], [], remaining)[0]:
                return
            self._read_chunk(self._pipe)

    def _check(self) -> Cause | None:
        """Check the number, memory and CPU time of all descendants against the limits."""
        processes = descendants()
        if len(processes) > self.limits.processes:
            return "too-many"
        resident, cpu = usage(processes)
        resident += unmapped_bytes(processes)
        now = time.monotonic()
        if abs(cpu - self._cpu_seconds) > IDLE_CPU_SECONDS:
            self._last_activity = now
        self._cpu_seconds = cpu
        if resident > self.limits.memory_bytes:
            return "out-of-memory"
        if (streamed := sum(map(_size, self._streams))) != self._streamed_bytes:
            self._last_activity, self._streamed_bytes = now, streamed
        if self.output.total + streamed > self.limits.output_bytes:
            return "output-cap"
        return "silent" if now - self._last_activity > self.limits.silence_seconds else None


def supervise(task: Task) -> TaskEnd:
    """Start the command, wait for its end, and end the processes it left behind."""
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
    return supervise_child(child, child.stdout.fileno(), task)


def supervise_child(child: Child, pipe: int, task: Task) -> TaskEnd:
    """Wait for the child's end, and end the processes it left behind.

    When the supervisor is terminated, it also removes the scratch directory.
    """
    started = time.monotonic()
    watch = Watch(child, pipe, task.limits, task.scratch)
    try:
        try:
            cause = watch.wait()
            seconds = time.monotonic() - started
            if cause in URGENT:  # without the grace period
                _signal_group(child.pid, signal.SIGKILL)
        finally:
            left_behind = _end_descendants(child, task.limits.grace_seconds)
    except SystemExit:
        shutil.rmtree(task.scratch, ignore_errors=True)
        raise
    watch.read_streams()
    left_behind = left_behind if cause == "exit" else 0
    return TaskEnd(cause, child.poll(), seconds, watch.output.text, left_behind)


def _end_descendants(child: Child, grace_seconds: float) -> int:
    """End the child and all other descendants of this process; return how many others there were."""
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
    """Kill all descendants, in several rounds because a process may start others meanwhile."""
    end = time.monotonic() + LAST_KILL_SECONDS
    while time.monotonic() < end:
        if child.poll() is None:
            child.kill()
            child.wait()
        processes = descendants()
        if not processes:
            return
        _signal_all(processes, signal.SIGKILL)
        psutil.wait_procs(processes, timeout=0.2)


def descendants() -> list[psutil.Process]:
    """Return all descendants of this process, without zombies."""
    processes = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE:
                processes.append(process)
    return processes


def usage(processes: Iterable[psutil.Process]) -> tuple[int, float]:
    """Return the total resident bytes and CPU seconds."""
    resident, cpu = 0, 0.0
    for process in processes:
        with contextlib.suppress(psutil.Error), process.oneshot():
            times = process.cpu_times()
            cpu += times.user + times.system
            resident += process.memory_info().rss
    return resident, cpu


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _signal_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _signal_all(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.send_signal(number)


def exit_on_signal(number: int, frame: object) -> NoReturn:
    """Handle SIGTERM by leaving through all `finally` blocks."""
    del frame
    raise SystemExit(128 + number)


def main() -> None:
    signal.signal(signal.SIGTERM, exit_on_signal)
    die_with_parent(signal.SIGTERM)
    adopt_orphans()
    end = supervise(Task.from_json(json.load(sys.stdin)))
    json.dump(asdict(end), sys.stdout)


if __name__ == "__main__":
    main()
