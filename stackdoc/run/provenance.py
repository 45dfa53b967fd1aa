"""Which commit the measured files belong to."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path


def commit_of(root: Path, paths: Iterable[str]) -> tuple[str, bool]:
    """The commit checked out at `root`, and whether any of the paths differs from it.

    Without git, or outside a repository, the commit is empty and everything counts as changed.
    """
    commit = _git(root, "rev-parse", "HEAD")
    if commit is None:
        return "", True
    changes = _git(root, "status", "--porcelain", "--", *paths)
    return commit, changes != ""


def _git(root: Path, *arguments: str) -> str | None:
    """What git prints, or None when it fails or is not there."""
    try:
        done = subprocess.run(
            ("git", "-C", str(root), *arguments), capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
