"""Disk cache of rendered texts, each stored under a digest of everything that it was made from."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

DAYS = 30  # a text that no build has requested for this long is removed
LARGEST = 512 << 20  # bytes of the texts in one folder


def digest(*parts: str) -> str:
    """Return 32 hex digits over the parts; moving text from one part to the next changes them."""
    sha = hashlib.sha256()
    for part in parts:
        content = part.encode("utf-8", "surrogatepass")
        sha.update(b"%d\n" % len(content))
        sha.update(content)
    return sha.hexdigest()[:32]


@dataclass(frozen=True)
class TextCache:
    """A folder of texts. `made_by` is a digest of what all of them depend on: code, libraries, data."""

    folder: Path
    made_by: str

    def text(self, request: str, make: Callable[[], str]) -> str:
        """Return the cached text for `request`; on a miss, make and store it."""
        text = self.get(request)
        if text is None:
            text = make()
            self.put(request, text)
        return text

    def get(self, request: str) -> str | None:
        """Return the cached text, or None if there is none or its file is damaged."""
        path = self._place(request)
        with suppress(OSError, UnicodeDecodeError):
            check, _, text = path.read_bytes().decode().partition("\n")
            if check == digest(text):
                os.utime(path)
                return text
        return None

    def has(self, request: str) -> bool:
        """Whether there is a text for `request`; it may be damaged."""
        return self._place(request).is_file()

    def put(self, request: str, text: str) -> None:
        """Store the text; do nothing if the folder can't be written to."""
        with suppress(OSError, UnicodeEncodeError):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._place(request).write_bytes(f"{digest(text)}\n{text}".encode())

    def _place(self, request: str) -> Path:
        return self.folder / digest(self.made_by, request)


def files_digest(*files: Path) -> str:
    """Return a digest over the names and contents of files, such as the code that makes something."""
    return digest(*(f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}" for file in files))


def forget(folder: Path, largest: int = LARGEST) -> None:
    """Remove the texts that no build has requested for DAYS, and the oldest beyond `largest` bytes in all."""
    with suppress(OSError):
        texts = sorted(((path.stat(), path) for path in folder.iterdir()), key=lambda text: -text[0].st_mtime_ns)
        total, oldest = 0, time.time() - DAYS * 86_400
        for status, path in texts:
            total += status.st_size
            if status.st_mtime < oldest or total > largest:
                path.unlink(missing_ok=True)
