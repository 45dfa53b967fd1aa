"""What a process and those it starts write to standard output and standard error, kept in two files."""

from __future__ import annotations

import ctypes
import io
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

STREAMS = ("stdout", "stderr")  # names of the files, which a launch that dies leaves in its scratch directory


class Streams:
    """The two files; `take` gives what was written since the last time.

    Both are written through the descriptors 1 and 2, so that the output of other programs and libraries is among it.
    """

    def __init__(self, folder: Path | None) -> None:
        self._paths = [folder / name for name in STREAMS] if folder else []
        self._files: list[BinaryIO] = []
        self._taken = [0, 0]

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Redirect both streams; afterwards they are what they were and the files are gone."""
        with ExitStack() as files:
            if self._paths:
                self._files = [files.enter_context(path.open("w+b")) for path in self._paths]
            else:
                self._files = [files.enter_context(tempfile.TemporaryFile()) for _ in STREAMS]
            with self._redirected():
                yield
        for path in self._paths:
            path.unlink(missing_ok=True)

    @contextmanager
    def _redirected(self) -> Iterator[None]:
        before = sys.stdout, sys.stderr
        _flush()
        saved = [os.dup(number) for number in (1, 2)]
        try:
            for number, file in zip((1, 2), self._files, strict=True):
                os.dup2(file.fileno(), number)
            sys.stdout, sys.stderr = _writer(1), _writer(2)
            yield
        finally:
            _flush()
            sys.stdout, sys.stderr = before
            for number, descriptor in zip((1, 2), saved, strict=True):
                os.dup2(descriptor, number)
                os.close(descriptor)

    def take(self, most: int) -> tuple[str, str]:
        """What was written to either stream since the last time, at most so many bytes of each."""
        _flush()
        out, err = (self._read(at, most) for at in (0, 1))
        return out, err

    def _read(self, at: int, most: int) -> str:
        """From a file whose position its writers move: it is read by offset."""
        descriptor, start = self._files[at].fileno(), self._taken[at]
        self._taken[at] = os.fstat(descriptor).st_size
        return os.pread(descriptor, min(most, max(self._taken[at] - start, 0)), start).decode("utf-8", "replace")


def _writer(descriptor: int) -> io.TextIOWrapper:
    """A text stream that writes each line at once, in the order of what other programs write."""
    raw = os.fdopen(descriptor, "wb", closefd=False)
    return io.TextIOWrapper(raw, encoding="utf-8", errors="surrogatepass", line_buffering=True)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()  # type: ignore[union-attr]
    with suppress(OSError):
        ctypes.CDLL(None).fflush(None)
