"""Development servers, and the time from an edit to the page."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

PATIENCE_SECONDS = 300


def edited(page: Path, old: str, new: str, address: str) -> float:
    """Replace a text in the page's source and wait until the server has the new one; return the seconds."""
    text = page.read_text("utf-8")
    assert old in text
    began = time.monotonic()
    page.write_text(text.replace(old, new), "utf-8")
    wait_for_words(address, new)
    return time.monotonic() - began


@contextmanager
def serving(root: Path, programs: Path, command: Sequence[str]) -> Iterator[str]:
    """Serve the project with a program of that directory, and yield the address; `{port}` in the command is filled."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    name, *arguments = (word.format(port=port) for word in command)
    surroundings = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [str(programs / name), *arguments],
            cwd=root,
            env=surroundings,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            yield f"http://127.0.0.1:{port}/"
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(PATIENCE_SECONDS)


def wait_for_words(address: str, words: str) -> None:
    """Asks for the page until it holds the words. Raises AssertionError when that takes too long."""
    patience = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < patience:
        try:
            with urllib.request.urlopen(address, timeout=PATIENCE_SECONDS) as answer:
                if words in answer.read().decode():
                    return
        except OSError:
            pass  # it has not begun to listen
        time.sleep(0.02)
    raise AssertionError(f"{address} never had {words!r}")
