"""What a launch prints: counted in full, kept at its end only, made safe to show."""

from __future__ import annotations

import re
from pathlib import Path

from stackdoc.errors import HARMFUL

CUT = "[… output cut …]\n"
ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")


class Output:
    """Holds at most `keep` bytes, however much is added; `total` is all that came."""

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
        """The end of the output as printable text, with a mark in front when something was cut."""
        text = printable(self._tail[-self.keep :].decode("utf-8", errors="replace"))
        return CUT + text if self.total > self.keep else text


def printable(text: str) -> str:
    """Without escape sequences, control characters and lone surrogates; of a line redrawn with `\\r` the last state."""
    text = ESCAPES.sub("", text).replace("\r\n", "\n")
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return HARMFUL.sub("", "\n".join(lines))


def impersonal(text: str, root: Path) -> str:
    """Without where the project lies and whose home it is: paths below the root as they stand in it, `~` for home."""
    for place, name in ((str(root.resolve()), "."), (str(Path.home()), "~")):
        if len(place) > 1:
            text = re.sub(rf"{re.escape(place)}(?![\w.-])", name, text)
    return text
