"""Disk cache of rendered texts, each stored under a digest of everything that it was made from.

A file is the digest of the packed text, a line feed, and the packed text. So a file that was damaged, written in part
or by two processes at once is noticed.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from stackdoc.git import is_ignored

NAME = re.compile(r"[0-9a-f]{32}")  # of a text, or of a folder of the texts of one site
DAYS = 30  # a text that no build has requested for this long is removed
LARGEST = 256 << 20  # bytes on disk of all texts of a project, unless one build needs more
BLOCK = 4096  # bytes: what a file takes on disk is a multiple of it
LEVEL = 1  # of compression: a seventh of the text remains, and reading it takes no longer than without


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
    """The texts in `folder` below `root`. `made_by` is a digest of what all of them depend on: code, libraries, data.

    A folder that git tracks came from somebody else, so nothing in it is used; a warning says so.
    """

    root: Path
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
        with suppress(OSError, zlib.error, UnicodeDecodeError):
            check, _, packed = path.read_bytes().partition(b"\n")
            if check == _check(packed) and not _is_foreign(self.root, self.folder):
                os.utime(path)
                return zlib.decompress(packed).decode()
        return None

    def has(self, request: str) -> bool:
        """Whether there is a text for `request`; it may be damaged."""
        return self._place(request).is_file()

    def put(self, request: str, text: str) -> None:
        """Store the text; do nothing if the folder can't be written to or git tracks it."""
        with suppress(OSError, UnicodeEncodeError):
            packed = zlib.compress(text.encode(), LEVEL)
            if not _is_foreign(self.root, self.folder):
                (self.root / self.folder).mkdir(parents=True, exist_ok=True)
                self._place(request).write_bytes(b"%s\n%s" % (_check(packed), packed))

    def _place(self, request: str) -> Path:
        return self.root / self.folder / digest(self.made_by, request)


def _check(packed: bytes) -> bytes:
    return hashlib.sha256(packed).hexdigest()[:32].encode()


@cache
def _is_foreign(root: Path, folder: Path) -> bool:
    return (root / folder).is_dir() and is_ignored(root, folder)


def files_digest(*files: Path) -> str:
    """Return a digest over the names and contents of files, such as the code that makes something."""
    return digest(*(f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}" for file in files))


def forget(folders: Iterable[Path], since: float, largest: int = LARGEST) -> None:
    """Remove the texts that no build has requested for DAYS, and the least recently requested beyond `largest` bytes.

    A folder that is a link is left alone, since it may lead to the files of others. What has been requested `since`
    that time, in seconds since 1970, stays: the next build of the same site needs it.
    """
    texts = sorted((text for folder in folders if not folder.is_symlink() for text in _texts(folder)), reverse=True)
    total, oldest = 0, time.time() - DAYS * 86_400
    for requested, size, path in texts:
        total += -(-size // BLOCK) * BLOCK
        if requested < oldest or (total > largest and requested < since):
            with suppress(OSError):
                Path(path).unlink()


def _texts(folder: Path | str) -> Iterator[tuple[float, int, str]]:
    """Yield when each text below the folder was last requested, its bytes and its path."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):  # another build has removed it
                if entry.is_dir(follow_symlinks=False):
                    yield from _texts(entry.path)
                elif NAME.fullmatch(entry.name):
                    status = entry.stat(follow_symlinks=False)
                    yield status.st_mtime, status.st_size, entry.path
