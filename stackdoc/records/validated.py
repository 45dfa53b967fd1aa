"""Which files of records were found whole, so that none of them is gone through again until its content changes."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path

from stackdoc.project import VALIDATED, Layout

SCHEMA = "stackdoc.checked/1"


@dataclass
class Checked:
    """`before` are the digests that earlier passes left, `now` those of this pass; a digest is of path and content."""

    before: frozenset[str] = frozenset()
    now: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, layout: Layout) -> Checked:
        """What passes of this very code left; nothing where the file is missing or broken."""
        try:
            fields = json.loads((layout / VALIDATED).read_text("utf-8"))
            same = fields["schema"] == SCHEMA and fields["by"] == code()
            return cls(frozenset(map(str, fields["files"]))) if same else cls()
        except (OSError, ValueError, RecursionError, KeyError, TypeError):
            return cls()

    def holds(self, path: Path, content: bytes) -> bool:
        """Whether the file was found whole with this content; it counts as found again."""
        digest = _digest(path, content)
        if digest in self.before:
            self.now.add(digest)
        return digest in self.before

    def add(self, path: Path, content: bytes) -> None:
        self.now.add(_digest(path, content))

    @property
    def changed(self) -> bool:
        return self.now != self.before

    def written(self) -> bytes:
        return json.dumps({"schema": SCHEMA, "by": code(), "files": sorted(self.now)}, indent=0).encode() + b"\n"


def _digest(path: Path, content: bytes) -> str:
    return hashlib.sha256(path.as_posix().encode("utf-8", "surrogateescape") + b"\n" + content).hexdigest()


@cache
def code() -> str:
    """Over what says whether a record is whole: our modules that read, and the versions of what they read with."""
    own, package = Path(__file__).parent, Path(__file__).parents[1]
    folders = (own, package / "model", package / "reading")
    found = hashlib.sha256(f"{sys.version} {version('pydantic')}".encode())
    for module in sorted(module for folder in folders for module in folder.glob("*.py")):
        found.update(module.read_bytes())
    return found.hexdigest()
