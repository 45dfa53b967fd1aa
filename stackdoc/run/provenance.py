"""The commit that the measured files belong to."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from stackdoc.git import git


def commit_of(root: Path, paths: Iterable[str], stated: str = "") -> tuple[str, bool]:
    """Return the commit checked out at `root`, and whether any of the paths differs from it.

    Without git, or outside a repository, the commit is empty and the paths count as changed. A `stated` commit, of a
    copy without git, is believed here: the import of the record elsewhere proves it by the digests of the files.
    """
    if stated:
        return stated, False
    commit = git(root, "rev-parse", "HEAD")
    if commit is None:
        return "", True
    return commit.strip(), git(root, "status", "--porcelain", "--", *paths) != ""
