"""A warm process that launches are forks of: `python -m stackdoc.run.zygote FD MODULE…`.

It imports the modules and does nothing else: it makes no tensor, starts no thread, touches no device. On
the socket FD it says `ready`, or why it must not be forked. Then each message is a `Task` with the pipe
for its `End`: the fork that takes it becomes the supervisor, and forks again for the launch. Forks share
what this process drew at random when it started (layout of addresses, seed of hashes, pages of the
libraries), which is why a run starts a new one for every round.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import importlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from stackdoc.run.process.confinement import adopt_orphans, die_with_parent, limit_files
from stackdoc.run.process.launch import main as launch
from stackdoc.run.process.supervisor import attend, stop
from stackdoc.run.process.task import Task

READY = "ready"
LARGEST_MESSAGE = 1 << 18


class Forked:
    """A fork of this process, with what a supervisor asks of a child."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._exit_code: int | None = None

    def poll(self) -> int | None:
        if self._exit_code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._exit_code = os.waitstatus_to_exitcode(status) if pid else None
        return self._exit_code

    def wait(self, timeout: float | None = None) -> int:
        end = None if timeout is None else time.monotonic() + timeout
        while (exit_code := self.poll()) is None:
            if end is not None and time.monotonic() >= end:
                raise subprocess.TimeoutExpired("launch", timeout or 0.0)
            time.sleep(0.002)
        return exit_code

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


def prepared(modules: Sequence[str]) -> str:
    """Imports the modules. Returns `ready`, or why launches must not be forks of this process."""
    for module in modules:
        try:
            importlib.import_module(module)
        except Exception as error:  # a package may raise anything while it is imported; the launch will show it
            return f"{module} can't be imported: {type(error).__name__}"
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads > 1:
        return f"{', '.join(modules) or 'python'} started {threads - 1} thread{'s' * (threads > 2)} when imported"
    for finalizer in list(weakref.finalize._registry):  # type: ignore[attr-defined]
        finalizer.atexit = False  # made here, so not a fork's to take down; those of torch take longer than the fork
    gc.collect()
    gc.freeze()  # the collector of a fork leaves alone what it shares
    return READY


def serve(channel: socket.socket) -> tuple[Task, int] | None:
    """Forks for every task and returns it in the fork, with the pipe for the answer; None when there are no more."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(channel, LARGEST_MESSAGE, 1)
        if not message:
            return None
        (answer,) = descriptors
        if os.fork() == 0:
            channel.close()
            return Task.from_json(json.loads(message)), answer
        os.close(answer)
        _fetch_the_dead()


def supervise(task: Task, answer: int) -> None:
    """What `stackdoc.run.process.supervisor` does with a command, with a fork of this process."""
    os.setsid()
    die_with_parent(signal.SIGTERM)
    adopt_orphans()
    limit_files(task.limits.file_bytes)
    output, printed = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(answer)
        os.close(output)
        _leave(_launched(task, printed))
    signal.signal(signal.SIGTERM, stop)  # not before: the launch is to have the default
    os.close(printed)
    end = attend(Forked(pid), output, task)
    with os.fdopen(answer, "w", encoding="utf-8") as pipe:
        json.dump(asdict(end), pipe)


def _launched(task: Task, printed: int) -> int:
    """Gives this fork what a fresh process would have, and carries out the order. Returns the exit code."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (printed, 1), (printed, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(printed)
    os.chdir(task.directory)
    os.environ.clear()
    os.environ.update(task.environment)
    sys.path[0] = task.directory  # where `python -m` looks first
    tempfile.tempdir = None
    random.seed()
    if "numpy.random" in sys.modules:  # torch's generator has the same seed in every process
        sys.modules["numpy.random"].seed()
    return launch(task.command[-1])


def _leave(exit_code: int) -> None:
    """Ends a fork as the interpreter ends, but for taking all modules apart: that would copy every shared page."""
    threading._shutdown()  # type: ignore[attr-defined]  # as multiprocessing does with its forks
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    ctypes.CDLL(None).fflush(None)
    os._exit(exit_code)


def _fetch_the_dead() -> None:
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                return
        except ChildProcessError:
            return


def main(descriptor: str, *modules: str) -> None:
    die_with_parent(signal.SIGTERM)
    with socket.socket(fileno=int(descriptor)) as channel:
        said = prepared(modules)
        channel.send(said.encode())
        taken = serve(channel) if said == READY else None
    if taken is not None:
        exit_code = 1
        try:
            supervise(*taken)
            exit_code = 0
        finally:
            os._exit(exit_code)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
