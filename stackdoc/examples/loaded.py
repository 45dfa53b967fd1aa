"""Files that launches loaded although no header lists them, each with its source digest as it is now."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from stackdoc.examples.closure import by_byte, by_essence
from stackdoc.examples.known_digests import KnownDigests


def source_digests(root: Path, paths: Iterable[str], known: KnownDigests) -> dict[str, str]:
    """Return the source digest of each file by its path; a file that is gone has none."""
    digests: dict[str, str] = {}
    for path in sorted(set(paths)):
        if Path(path).is_absolute() or not (root / path).is_file():
            continue
        with suppress(OSError):
            digests.update(by_essence(root, by_byte(root, [path]), known))
    return digests
