"""A warm process that launches are forked from: `python -m stackdoc.run.process.zygote FD MODULE…`.

It only imports the modules: it makes no tensor, starts no thread and touches no device. It sends `ready`, or the
reason why it must not be forked, to the socket FD. After that it receives messages: each is a `Task`, with the pipe
for its `TaskEnd`. The fork that receives one becomes the supervisor, and forks again for the launch.

Forks share what this process drew at random when it started (address layout, hash seed, pages of the libraries). A
run therefore starts a new one for every round.
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
from stackdoc.run.process.supervisor import exit_on_signal, supervise_child
from stackdoc.run.process.task import READY, Task

LARGEST_MESSAGE = 1 << 18


class ForkedChild:
    """A fork of this process, with the methods of a supervisor's `Child`."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._exit_code: int | None = None

    def poll(self) -> int | None:
        if self._exit_code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._exit_code = os.waitstatus_to_exitcode(status) if pid else None
        return self._exit_code

    def wait(self, timeout: float | None = None) -> int:
        deadline = None if timeout is None else time.monotonic() + timeout
        while (exit_code := self.poll()) is None:
            if deadline is not None and time.monotonic() >= deadline:
                raise subprocess.TimeoutExpired("launch", timeout or 0.0)
            time.sleep(0.002)
        return exit_code

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


def prepare(modules: Sequence[str]) -> str:
    """Import the modules. Return `ready`, or why launches must not be forked from this process."""
    for module in modules:
        try:
            importlib.import_module(module)
        except Exception as error:  # an import may raise anything; the launch will show it in full
            return f"{module} can't be imported: {type(error).__name__}"
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads > 1:
        return f"{', '.join(modules) or 'python'} started {threads - 1} thread{'s' * (threads > 2)} when imported"
    for finalizer in list(weakref.finalize._registry):  # type: ignore[attr-defined]
        finalizer.atexit = False  # not the forks' objects; finalizing those of torch takes longer than the fork
    gc.collect()
    gc.freeze()  # forks don't collect, and so don't copy, the objects that they share
    return READY


def serve(channel: socket.socket) -> tuple[Task, int] | None:
    """Fork for every task, and return the task with its answer pipe in the fork; None after the last task."""
    while True:
        message, descriptors, _, _ = socket.recv_fds(channel, LARGEST_MESSAGE, 1)
        if not message:
            return None
        (answer,) = descriptors
        if os.fork() == 0:
            channel.close()
            return Task.from_json(json.loads(message)), answer
        os.close(answer)
        _reap_children()


def supervise(task: Task, answer: int) -> None:
    """Supervise a fork of this process as `stackdoc.run.process.supervisor` does a command."""
    os.setsid()
    die_with_parent(signal.SIGTERM)
    adopt_orphans()
    limit_files(task.limits.file_bytes)
    output, output_of_launch = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(answer)
        os.close(output)
        _exit(_run_launch(task, output_of_launch))
    signal.signal(signal.SIGTERM, exit_on_signal)  # after the fork, so that the launch has the default handler
    os.close(output_of_launch)
    end = supervise_child(ForkedChild(pid), output, task)
    with os.fdopen(answer, "w", encoding="utf-8") as pipe:
        json.dump(asdict(end), pipe)


def _run_launch(task: Task, output: int) -> int:
    """Set this fork up like a fresh process, and run the launch. Return the exit code."""
    os.setsid()
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.close(null)
    os.close(output)
    os.chdir(task.directory)
    os.environ.clear()
    os.environ.update(task.environment)
    sys.path[0] = task.directory  # where `python -m` looks first
    tempfile.tempdir = None
    random.seed()
    if "numpy.random" in sys.modules:  # torch's generator needs nothing: its seed is the same in every process
        sys.modules["numpy.random"].seed()
    return launch(task.command[-1])


def _exit(exit_code: int) -> None:
    """End a fork as the interpreter ends, without destroying the modules, which would copy every shared page."""
    threading._shutdown()  # type: ignore[attr-defined]  # as multiprocessing does in its forks
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    ctypes.CDLL(None).fflush(None)
    os._exit(exit_code)


def _reap_children() -> None:
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                return
        except ChildProcessError:
            return


def main(descriptor: str, *modules: str) -> None:
    die_with_parent(signal.SIGTERM)
    with socket.socket(fileno=int(descriptor)) as channel:
        status = prepare(modules)
        channel.send(status.encode())
        assignment = serve(channel) if status == READY else None
    if assignment is not None:
        exit_code = 1
        try:
            supervise(*assignment)
            exit_code = 0
        finally:
            os._exit(exit_code)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
