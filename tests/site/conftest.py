"""Real builds of small projects, and a real browser to read them with."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browsing import QUIET, browser_path
from tests.made.built import PROJECTS, Project
from tests.made.once import Once
from tests.made.repository import ROOT


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("site")


@pytest.fixture(scope="session")
def built_once(once: Once) -> Project:
    """The small project, measured and built; nobody may change it."""

    def build(place: Path) -> None:
        shutil.copytree(PROJECTS / "small", place)
        ended = Project(place).run("stackdoc", "build", "--strict")
        assert ended.returncode == 0, ended.stdout + ended.stderr

    return Project(once.made("small", build))


@pytest.fixture
def project(built_once: Project, tmp_path: Path) -> Project:
    """A copy of the built small project, to be changed."""
    copy = Project(tmp_path / "project")
    shutil.copytree(built_once.root, copy.root)
    return copy


@pytest.fixture(scope="session")
def handbook(once: Once) -> Path:
    """The handbook as its committed and local records make it, built strictly; nothing is measured."""

    def build(place: Path) -> None:
        ended = Project(ROOT).run(
            "mkdocs", "build", "--strict", "--site-dir", str(place / "site"), STACKDOC_MEASURE="never"
        )
        assert ended.returncode == 0, ended.stderr
        assert "WARNING" not in ended.stderr

    return once.made("handbook", build) / "site"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser_path(), args=list(QUIET))
        yield started
        started.close()
