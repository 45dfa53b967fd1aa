"""Real builds of small projects, and a real browser to read them with."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browsing import QUIET, browser_path
from tests.made.built import PROJECTS, Project
from tests.made.repository import ROOT


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("site")


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The small project, measured and built; nobody may change it."""
    project = Project(tmp_path_factory.mktemp("small") / "project")
    shutil.copytree(PROJECTS / "small", project.root)
    ended = project.run("stackdoc", "build", "--strict")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return project


@pytest.fixture
def project(built_once: Project, tmp_path: Path) -> Project:
    """A copy of the built small project, to be changed."""
    copy = Project(tmp_path / "project")
    shutil.copytree(built_once.root, copy.root)
    return copy


@pytest.fixture(scope="session")
def handbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The handbook as its committed and local records make it, built strictly; nothing is measured."""
    place = tmp_path_factory.mktemp("handbook") / "site"
    ended = Project(ROOT).run("mkdocs", "build", "--strict", "--site-dir", str(place), STACKDOC_MEASURE="never")
    assert ended.returncode == 0, ended.stderr
    assert "WARNING" not in ended.stderr
    return place


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser_path(), args=list(QUIET))
        yield started
        started.close()
