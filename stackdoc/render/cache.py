"""Texts kept on disk for the next build, each under a digest of all that it was made from."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

DAYS = 30  # after which a text goes that no build has asked for


def digest(*parts: str) -> str:
    """32 hex digits over the parts, each apart from the next."""
    found = hashlib.sha256()
    for part in parts:
        content = part.encode("utf-8", "surrogatepass")
        found.update(b"%d\n" % len(content))
        found.update(content)
    return found.hexdigest()[:32]


@dataclass(frozen=True)
class TextCache:
    """A folder of texts. `made_by` stands for what goes into all of them: code, libraries, data."""

    folder: Path
    made_by: str

    def text(self, asked: str, make: Callable[[], str]) -> str:
        """What `make` gives, or gave when the same was asked."""
        found = self.found(asked)
        if found is None:
            found = make()
            self.keep(asked, found)
        return found

    def found(self, asked: str) -> str | None:
        """The text that was kept; None where there is none, or it is not whole."""
        place = self._place(asked)
        with suppress(OSError, UnicodeDecodeError):
            check, _, text = place.read_bytes().decode().partition("\n")
            if check == digest(text):
                os.utime(place)
                return text
        return None

    def keep(self, asked: str, text: str) -> None:
        """A folder that can't be written to keeps nothing."""
        with suppress(OSError, UnicodeEncodeError):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._place(asked).write_bytes(f"{digest(text)}\n{text}".encode())

    def _place(self, asked: str) -> Path:
        return self.folder / digest(self.made_by, asked)


def files_digest(*files: Path) -> str:
    """Over names and contents of files, such as the code that makes something."""
    return digest(*(f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}" for file in files))


def forget(folder: Path) -> None:
    """Removes what no build has asked for in DAYS."""
    with suppress(OSError):
        for place in folder.iterdir():
            if place.stat().st_mtime < time.time() - DAYS * 86_400:
                place.unlink()
