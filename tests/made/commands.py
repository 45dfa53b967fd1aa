"""The command line, called in this process."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from stackdoc.adapters.cli.main import main


def call(root: Path, *arguments: str) -> Result:
    """`stackdoc` in the project at `root`."""
    return CliRunner().invoke(main, ["--root", str(root), *arguments])
