"""The tables of README.md name tests and files that exist."""

from __future__ import annotations

import re

from tests.made.repository import ROOT

HERE = ROOT / "tests/gpu"


def test_every_test_that_is_named_exists() -> None:
    text = (HERE / "README.md").read_text("utf-8")
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    named = re.findall(r"`(test_\w+)`", text)
    assert len(named) > 10
    assert [name for name in named if f"def {name}(" not in code] == []


def test_every_file_that_is_named_exists() -> None:
    named = re.findall(r"`((?:tests/)?[\w/]+\.(?:py|sh))`", (HERE / "README.md").read_text("utf-8"))
    assert named
    assert [name for name in named if not ((HERE / name).exists() or (ROOT / name).exists())] == []
