"""The cache of record files that passed validation: a file is validated again only when it changes."""

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
class ValidatedFiles:
    """`before` are the digests from the cache, `now` those of this run. A digest covers a file's path and content."""

    before: frozenset[str] = frozenset()
    now: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, layout: Layout) -> ValidatedFiles:
        """Read the cache; it is empty if missing, broken or written by other code."""
        try:
            fields = json.loads((layout / VALIDATED).read_text("utf-8"))
            is_current = fields["schema"] == SCHEMA and fields["by"] == code_digest()
            return cls(frozenset(map(str, fields["files"]))) if is_current else cls()
        except (OSError, ValueError, RecursionError, KeyError, TypeError):
            return cls()

    def confirm(self, path: Path, content: bytes) -> bool:
        """Return whether the file is in the cache with this content, and keep it there."""
        digest = _digest(path, content)
        if digest in self.before:
            self.now.add(digest)
        return digest in self.before

    def add(self, path: Path, content: bytes) -> None:
        """Add a file that passed validation."""
        self.now.add(_digest(path, content))

    @property
    def changed(self) -> bool:
        return self.now != self.before

    def to_json(self) -> bytes:
        fields = {"schema": SCHEMA, "by": code_digest(), "files": sorted(self.now)}
        return json.dumps(fields, indent=0).encode() + b"\n"


def _digest(path: Path, content: bytes) -> str:
    return hashlib.sha256(path.as_posix().encode("utf-8", "surrogateescape") + b"\n" + content).hexdigest()


@cache
def code_digest() -> str:
    """Return the digest of the code that validates: our modules, and the versions of Python and pydantic."""
    own, package = Path(__file__).parent, Path(__file__).parents[1]
    folders = (own, package / "model", package / "reading")
    digest = hashlib.sha256(f"{sys.version} {version('pydantic')}".encode())
    for module in sorted(module for folder in folders for module in folder.glob("*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()
