"""The output of a launch: counted in full, kept only at its end, and made safe to show."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from stackdoc.errors import HARMFUL

CUT = "[… output cut …]\n"
ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")


class OutputTail:
    """The last `keep` bytes of an output; `total` counts all bytes that were added."""

    def __init__(self, keep: int) -> None:
        self.keep = keep
        self.total = 0
        self._tail = bytearray()

    def add(self, chunk: bytes) -> None:
        self.total += len(chunk)
        self._tail += chunk
        if len(self._tail) > 2 * self.keep:
            del self._tail[: -self.keep]

    @property
    def text(self) -> str:
        """The end of the output as plain text, with a mark in front if something was cut."""
        text = plain_text(self._tail[-self.keep :].decode("utf-8", errors="replace"))
        return CUT + text if self.total > self.keep else text


def plain_text(text: str) -> str:
    """Remove escape sequences, control characters and lone surrogates, and all but the last redrawing with `\\r`."""
    text = ESCAPES.sub("", text).replace("\r\n", "\n")
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return HARMFUL.sub("", "\n".join(lines))


def without_local_paths(text: str, root: Path) -> str:
    """Replace the project's root by `.`, the home directory by `~`, and a virtual environment elsewhere by `venv`."""
    environment = sys.prefix if sys.prefix != sys.base_prefix else ""
    for directory, name in ((str(root.resolve()), "."), (str(Path.home()), "~"), (environment, "venv")):
        if len(directory) > 1:
            text = re.sub(rf"{re.escape(directory)}(?![\w.-])", name, text)
    return text
