"""Engines that build a site from a stage, each called as a program."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from stackdoc.errors import Problem, StackdocError

ENGINES = ("mkdocs", "zensical")


def run_zensical(directory: Path, strict: bool = False) -> Path:
    """Build the staged site and return its directory. Raises StackdocError if Zensical fails or is not installed."""
    if find_spec("zensical") is None:
        raise StackdocError([Problem("zensical", 0, "", "is not installed", "pip install zensical")])
    command = [sys.executable, "-m", "zensical", "build", "--clean", *(["--strict"] if strict else [])]
    ended = subprocess.run(command, cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if ended.returncode:
        last = ended.stdout.decode("utf-8", "replace").strip().split("\n")[-5:]
        raise StackdocError(
            [Problem("zensical", 0, "", f"ended with exit code {ended.returncode}: {' / '.join(last)}")]
        )
    return directory / "site"
