"""The cache of record files that passed validation: a file is validated again only when it changes."""

from __future__ import annotations

import hashlib
import json
import logging
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path

from stackdoc.git import tracks
from stackdoc.project import VALIDATED, Layout
from stackdoc.records.identity import SHA256, digest_of_file

log = logging.getLogger(__name__)
SCHEMA = "stackdoc.checked/2"


@dataclass
class ValidatedFiles:
    """The digests of the records by the path of their file: `before` those from the cache, `now` those of this run.

    A record is always hashed. The cache only spares the examination of its fields.
    """

    before: Mapping[str, str] = field(default_factory=dict)
    now: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, layout: Layout) -> ValidatedFiles:
        """Read the cache; it is empty if missing, broken, written by other code, or part of the repository."""
        try:
            fields = json.loads((layout / VALIDATED).read_text("utf-8"))
            is_current = fields["schema"] == SCHEMA and fields["by"] == code_digest()
            files = {str(path): str(digest) for path, digest in fields["files"].items()} if is_current else {}
        except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
            return cls()
        if tracks(layout.root, VALIDATED):
            log.warning("%s is under version control and therefore ignored; remove it from the repository", VALIDATED)
            return cls()
        return cls(files)

    def confirm(self, path: Path, content: bytes) -> str:
        """Return the digest of the record in the file if it passed validation with this content, else nothing."""
        digest = self.before.get(path.as_posix(), "")
        if not SHA256.fullmatch(digest) or digest_of_file(content) != digest:
            return ""
        self.now[path.as_posix()] = digest
        return digest

    def add(self, path: Path, digest: str) -> None:
        """Add the record in a file that passed validation."""
        self.now[path.as_posix()] = digest

    @property
    def changed(self) -> bool:
        return self.now != self.before

    def to_json(self) -> bytes:
        fields = {"schema": SCHEMA, "by": code_digest(), "files": self.now}
        return json.dumps(fields, indent=0, sort_keys=True).encode() + b"\n"


@cache
def code_digest() -> str:
    """Return the digest of the code that validates: our modules, and the versions of Python and pydantic."""
    own, package = Path(__file__).parent, Path(__file__).parents[1]
    folders = (own, package / "model", package / "reading")
    digest = hashlib.sha256(f"{sys.version} {version('pydantic')}".encode())
    for module in sorted(module for folder in folders for module in folder.glob("*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()
