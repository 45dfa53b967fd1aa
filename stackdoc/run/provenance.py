"""The commit that the measured files belong to."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from stackdoc.git import git


def commit_of(root: Path, paths: Iterable[str]) -> tuple[str, bool]:
    """Return the commit checked out at `root`, and whether any of the paths differs from it.

    Without git, or outside a repository, the commit is empty and the paths count as changed.
    """
    commit = git(root, "rev-parse", "HEAD")
    if commit is None:
        return "", True
    return commit.strip(), git(root, "status", "--porcelain", "--", *paths) != ""
