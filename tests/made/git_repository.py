"""Git in a test: commits by nobody in particular."""

from __future__ import annotations

import subprocess
from pathlib import Path

IDENTITY = ("-c", "user.name=A. Person", "-c", "user.email=a@example.org")


def git(root: Path, *arguments: str) -> str:
    """Run git in `root` and return what it prints."""
    command = ("git", "-C", str(root), *IDENTITY, *arguments)
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def committed(root: Path, message: str = "All") -> str:
    """Commit all files, in a new repository if there is none, and return the name of the commit."""
    if not (root / ".git").exists():
        git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", message)
    return git(root, "rev-parse", "HEAD").strip()
