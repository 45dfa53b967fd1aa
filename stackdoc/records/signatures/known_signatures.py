"""Signatures that ssh-keygen has checked, by the digest of all that it was given: a check starts several processes."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from stackdoc.files import write_atomically
from stackdoc.git import is_ignored
from stackdoc.project import SIGNATURES, make_state_folder
from stackdoc.reading.decode import adapter
from stackdoc.records.signatures.signature import TOOL, Signature, checked

KNOWN = dict[str, Signature]


class KnownSignatures:
    """Checks signatures, each once.

    A file of known signatures that is missing, damaged or part of the repository counts for nothing. Without
    `is_stored` none is read or written, and ssh-keygen checks each signature.
    """

    def __init__(self, root: Path, *, is_stored: bool) -> None:
        self._root, self._is_stored = root, is_stored
        self._known: Mapping[str, Signature] | None = None if is_stored else {}  # read when the first one is asked for
        self._used: KNOWN = {}

    def checked(self, content: bytes, signature: bytes, allowed: bytes, namespace: str, at: datetime) -> Signature:
        """Return the state of the signature; see `stackdoc.records.signatures.signature.checked`."""
        if not self._is_stored or (tool := _tool()) is None:
            return checked(content, signature, allowed, namespace, at)
        if self._known is None:
            self._known = self._read()
        key = _digest(content, signature, allowed, namespace.encode(), at.astimezone(UTC).isoformat().encode(), tool)
        state = self._known.get(key) or checked(content, signature, allowed, namespace, at)
        if state.state != "signature not checked":
            self._used[key] = state
        return state

    def save(self) -> None:
        """Write the signatures that were checked, if there are new ones, for later builds."""
        if not self._used.keys() - (self._known or {}).keys():
            return
        with suppress(OSError):  # the checkout may be read-only
            make_state_folder(self._root)
            content = json.dumps({key: asdict(state) for key, state in sorted(self._used.items())})
            write_atomically(self._root / SIGNATURES, content.encode())

    def _read(self) -> KNOWN:
        try:
            known: KNOWN = adapter(KNOWN).validate_json((self._root / SIGNATURES).read_bytes(), strict=True)
        except (OSError, ValueError):
            return {}
        return {} if is_ignored(self._root, SIGNATURES) else known


def _tool() -> bytes | None:
    """Return what tells one ssh-keygen from another, whose answers may differ; None if there is none."""
    path = shutil.which(TOOL)
    with suppress(OSError):
        if path is not None:
            status = Path(path).stat()
            return f"{path} {status.st_size} {status.st_mtime_ns}".encode()
    return None


def _digest(*parts: bytes) -> str:
    """Return the SHA-256 over the parts, each after its length."""
    sha = hashlib.sha256()
    for part in parts:
        sha.update(b"%d\n" % len(part))
        sha.update(part)
    return sha.hexdigest()
