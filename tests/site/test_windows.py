"""Where the modules of Unix are missing, as on Windows, pages are built all the same and nothing is measured."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.made.built import PROJECTS

OF_UNIX = ("fcntl", "grp", "pwd", "resource", "termios")
WITHOUT = f"""
import sys
import psutil  # has other parts for Windows; those for Linux need these modules
sys.modules.update(dict.fromkeys({OF_UNIX}))
for name in ("sched_getaffinity", "fork", "getuid"):
    delattr(__import__("os"), name)
"""
BUILD = "from mkdocs.__main__ import cli; cli(['build', '--strict'])"
MEASURE = "from stackdoc.adapters.cli.main import main; main(['measure'])"
REASON = "stackdoc measures on Linux and macOS; use WSL2"


def run(root: Path, code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-c", WITHOUT + code), cwd=root, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_plugin_builds_and_says_where_to_measure(tmp_path: Path) -> None:
    root = tmp_path / "project"
    shutil.copytree(PROJECTS / "small", root)
    built = run(root, BUILD)
    assert built.returncode == 0, built.stdout + built.stderr
    assert REASON in (root / "site/index.html").read_text("utf-8")
    assert not (root / "docs/records").exists()


def test_measuring_is_skipped_with_the_reason(tmp_path: Path) -> None:
    root = tmp_path / "project"
    shutil.copytree(PROJECTS / "small", root)
    told = run(root, MEASURE)
    assert told.returncode == 0, told.stdout + told.stderr
    assert REASON in told.stdout
