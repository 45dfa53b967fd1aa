"""The stack, as it is read."""

from __future__ import annotations

from pathlib import Path

from stackdoc.project import Layout
from stackdoc.stack.layers.read import read_stack
from tests.made.repository import ROOT


def test_a_stack_reads_the_same_from_anywhere(tmp_path: Path) -> None:
    link = tmp_path / "elsewhere"
    link.symlink_to(ROOT)
    assert read_stack(Layout(link), []) == read_stack(Layout(ROOT), [])
