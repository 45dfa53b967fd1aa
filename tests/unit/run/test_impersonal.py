"""What is published of a run names no place of the computer that it ran on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from stackdoc.run.process.output import without_local_paths


@pytest.mark.case(78)
def test_root_home_and_environment_are_not_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.setattr(sys, "prefix", "/mnt/scratch-of-somebody/env")
    text = f"{tmp_path}/examples/a.py, /home/somebody/data and /mnt/scratch-of-somebody/env/bin/python"
    assert without_local_paths(text, tmp_path) == "./examples/a.py, ~/data and venv/bin/python"


def test_the_interpreter_of_the_system_is_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", "/usr")
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    assert without_local_paths("/usr/bin/python", tmp_path) == "/usr/bin/python"
