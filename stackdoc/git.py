"""Questions to git about the project's repository, and commits of it checked out beside the user's own files."""

from __future__ import annotations

import logging
import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 60
WITHOUT_QUESTIONS = {"GIT_TERMINAL_PROMPT": "0"}  # such as for a password, on a terminal where nobody waits for it
FULL_NAME = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")  # of a commit


def git(root: Path, *arguments: str) -> str | None:
    """Return what git prints when it runs in `root`; None if it fails or is not installed."""
    output = git_bytes(root, *arguments)
    return None if output is None else output.decode("utf-8", "replace")


def git_bytes(root: Path, *arguments: str, given: bytes = b"") -> bytes | None:
    """Return the same as bytes, such as the content of a file. `given` is the standard input of git."""
    command = ("git", "-C", str(root), "-c", "core.quotePath=off", *arguments)
    try:
        environment = os.environ | WITHOUT_QUESTIONS
        return subprocess.run(
            command, input=given, capture_output=True, timeout=TIMEOUT_SECONDS, check=True, env=environment
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None


def tracks(root: Path, path: Path) -> bool:
    """Whether the repository contains the file, files below the directory, or a link that leads to either."""
    parents = [parent.as_posix() for parent in path.parents if parent.parts]
    listed = (git(root, "ls-files", "-z", "--", path.as_posix(), *parents) or "").split("\0")
    return any(name in (path.as_posix(), *parents) or name.startswith(f"{path.as_posix()}/") for name in listed)


def is_ignored(root: Path, path: Path) -> bool:
    """Whether a file that a checkout writes for itself came with the repository; a warning says so."""
    if not tracks(root, path):
        return False
    log.warning("%s is under version control and therefore ignored; remove it from the repository", path)
    return True


def commit_named(root: Path, name: str) -> str:
    """Return the full name of the commit that a branch, a tag or the beginning of a name means; empty if none."""
    if name.startswith("-"):
        return ""
    return (git(root, "rev-parse", "--quiet", "--verify", f"{name}^{{commit}}") or "").strip()


def has_commit(root: Path, commit: str) -> bool:
    """Whether the repository has the commit, given by its full name."""
    return FULL_NAME.fullmatch(commit) is not None and commit_named(root, commit) != ""


def is_ancestor(root: Path, commit: str) -> bool:
    """Whether the commit, given by its full name, is part of the history that is checked out."""
    return git(root, "merge-base", "--is-ancestor", commit, "HEAD") is not None


@contextmanager
def checked_out(root: Path, commit: str) -> Iterator[Path | None]:
    """Check the commit out into a temporary directory, and yield what is `root` there; None if git fails.

    The branch, the index and the files of the user stay as they are, and no hook runs.
    """
    prefix = (git(root, "rev-parse", "--show-prefix") or "").rstrip("\n")
    with TemporaryDirectory(prefix="stackdoc-") as directory:
        tree = Path(directory).resolve() / "tree"
        without_hooks = ("-c", f"core.hooksPath={os.devnull}")
        added = git(root, *without_hooks, "worktree", "add", "--quiet", "--detach", str(tree), commit)
        try:
            yield None if added is None else tree / prefix
        finally:
            git(root, "worktree", "remove", "--force", str(tree))


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
