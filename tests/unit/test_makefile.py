"""`make .venv/torch TORCH=installed` where torch is in a virtual environment, with a package that stands for torch."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.made.repository import ROOT


def made(root: Path, python: Path) -> subprocess.CompletedProcess[str]:
    command = ("make", "-C", str(root), ".venv/torch", "TORCH=installed", f"PYTHON={python}")
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def parent(tmp_path: Path) -> Path:
    """The interpreter of a virtual environment; the project's Makefile is beside it."""
    for name in ("Makefile", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    subprocess.run((sys.executable, "-m", "venv", "--without-pip", tmp_path / "parent"), check=True)
    return tmp_path / "parent/bin/python"


def test_the_torch_of_a_virtual_environment_is_found(tmp_path: Path, parent: Path) -> None:
    (packages,) = (tmp_path / "parent").glob("lib/python*/site-packages")
    (packages / "torch").mkdir()
    (packages / "torch/__init__.py").write_text("MADE = 'here'\n")
    done = made(tmp_path, parent)
    assert done.returncode == 0, done.stdout + done.stderr
    where = subprocess.run(
        (tmp_path / ".venv/bin/python", "-c", "import torch; print(torch.__file__)"),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert where == str(packages / "torch/__init__.py")


def test_without_a_torch_it_says_so(tmp_path: Path, parent: Path) -> None:
    done = made(tmp_path, parent)
    assert done.returncode != 0
    assert f"TORCH=installed: {parent} has no torch" in done.stdout + done.stderr
