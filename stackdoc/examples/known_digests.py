"""Source digests of scripts by their content, kept for later runs: taking comments from a script costs milliseconds."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from contextlib import suppress
from pathlib import Path

from stackdoc.examples import notebook, source_digest
from stackdoc.files import write_atomically
from stackdoc.git import is_ignored
from stackdoc.project import DIGESTS, make_state_folder

SHA256 = re.compile(r"[0-9a-f]{64}")


class KnownDigests:
    """Makes source digests, each content's once.

    Content is always hashed. A file of known digests that is missing, damaged, of other code or part of the repository
    counts for nothing. Without `is_stored` none is read or written.
    """

    def __init__(self, root: Path, *, is_stored: bool = True) -> None:
        self._root = root
        self._known: dict[str, str] | None = None if is_stored else {}  # read when the first digest is asked for
        self._is_stored = is_stored
        self._used: dict[str, str] = {}

    def of(self, path: str, sha256: str) -> str:
        """Return the source digest of the file whose content has that SHA-256, which is returned for other files."""
        suffix = Path(path).suffix
        if suffix not in source_digest.SUFFIXES:
            return sha256
        key = f"{sha256} {suffix}"
        if self._known is None:
            self._known = self._read()
        digest = self._used.get(key) or self._known.get(key)
        if digest is None:
            content = (self._root / path).read_bytes()
            digest = source_digest.digest_of(content, suffix) or sha256
            if hashlib.sha256(content).hexdigest() != sha256:  # it was edited since it was hashed
                return digest
        self._used[key] = digest
        return digest

    def save(self) -> None:
        """Write the digests that were used, if there are new ones, for later runs."""
        if not self._is_stored or not self._used.keys() - (self._known or {}).keys():
            return
        with suppress(OSError):  # the checkout may be read-only
            content = json.dumps({"by": _code(), "known": self._used}, sort_keys=True)
            make_state_folder(self._root)
            write_atomically(self._root / DIGESTS, content.encode())

    def _read(self) -> dict[str, str]:
        try:
            content = json.loads((self._root / DIGESTS).read_text("utf-8"))
            known = content["known"] if content["by"] == _code() else {}
            pairs = {str(key): digest for key, digest in known.items() if SHA256.fullmatch(digest)}
        except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
            return {}
        if is_ignored(self._root, DIGESTS):
            return {}
        return pairs


def _code() -> str:
    """Return the digest of the code that makes source digests, and of the Python that parses scripts."""
    files = (Path(source_digest.__file__), Path(notebook.__file__))
    return hashlib.sha256(b"".join([sys.version.encode(), *(file.read_bytes() for file in files)])).hexdigest()
