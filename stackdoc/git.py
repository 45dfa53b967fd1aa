"""Questions to git about the project's repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

TIMEOUT_SECONDS = 60


def git(root: Path, *arguments: str) -> str | None:
    """Return what git prints when it runs in `root`; None if it fails or is not installed."""
    output = git_bytes(root, *arguments)
    return None if output is None else output.decode("utf-8", "replace")


def git_bytes(root: Path, *arguments: str, given: bytes = b"") -> bytes | None:
    """Return the same as bytes, such as the content of a file. `given` is the standard input of git."""
    command = ("git", "-C", str(root), "-c", "core.quotePath=off", *arguments)
    try:
        return subprocess.run(command, input=given, capture_output=True, timeout=TIMEOUT_SECONDS, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None


def tracks(root: Path, path: Path) -> bool:
    """Whether the repository contains the file, or files below the directory."""
    return bool(git(root, "ls-files", "--", path.as_posix()))
