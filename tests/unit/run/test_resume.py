"""Saved launches count only where they were measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stackdoc.project import LAUNCHES
from stackdoc.run.resume import SavedLaunches
from tests.made.git_repository import committed

ENDED = {"outcome": {"name": "ok"}, "result": {"index": 0, "points": [], "outputs": [], "remarks": []}, "seconds": 1.0}


@pytest.mark.case(75)
def test_launches_that_came_with_the_repository_were_not_measured_here(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    saved = SavedLaunches(tmp_path, {"example": "kernels/good"})
    saved.directory.mkdir(parents=True)
    launch = {"end": ENDED, "start_method": "fresh", "started_at": "2026-11-01T00:00:00Z"}
    (saved.directory / "000.json").write_text(json.dumps(launch), "utf-8")
    assert len(saved.read()) == 1
    committed(tmp_path)
    assert saved.read() == []
    assert f"{LAUNCHES} is under version control and therefore ignored" in caplog.text
