"""Files that launches loaded although no header lists them, each with its source digest as it is now."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from stackdoc.examples import source_digest
from stackdoc.examples.closure import by_byte, by_essence
from stackdoc.files import write_atomically
from stackdoc.project import DIGESTS


def source_digests(root: Path, paths: Iterable[str]) -> dict[str, str]:
    """The source digest of each file by its path; a file that is gone has none.

    To take comments and docstrings from a package costs seconds, so the digests are remembered by content.
    """
    known, found, kept = _known(root), dict[str, str](), dict[str, str]()
    for path in sorted(set(paths)):
        if Path(path).is_absolute() or not (root / path).is_file():
            continue
        with suppress(OSError):
            ((_, sha256),) = parts = by_byte(root, [path])
            key = f"{sha256} {Path(path).suffix}"
            found[path] = kept[key] = known.get(key) or by_essence(root, parts)[0][1]
    if kept.keys() - known.keys():
        with suppress(OSError):  # a checkout that can only be read
            write_atomically(root / DIGESTS, json.dumps({"by": _method(), "known": kept}).encode())
    return found


def _known(root: Path) -> dict[str, str]:
    """Those that the present method made."""
    try:
        content = json.loads((root / DIGESTS).read_text("utf-8"))
        return dict(content["known"]) if content["by"] == _method() else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _method() -> str:
    ((_, sha256),) = by_byte(Path(source_digest.__file__).parent, [Path(source_digest.__file__).name])
    return sha256
