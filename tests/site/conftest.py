"""Real builds of small projects, and a real browser to read them with."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browsing import QUIET, browser_path

PROJECTS = Path(__file__).parent / "projects"
KEPT = ("figures", "rendered", "twins", "notebooks", "notebook-pages")  # below `.stackdoc`, for the next build
HANDBOOK = Path(__file__).parent.parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("site")


@dataclass(frozen=True)
class Project:
    """A project on disk, and the command line run in it."""

    root: Path

    @property
    def site(self) -> Path:
        return self.root / "site"

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs a command of our environment in the project; output is text, nothing is raised."""
        program, *rest = arguments
        return subprocess.run(
            [str(Path(sys.executable).with_name(program)), *rest],
            cwd=self.root,
            env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "SOURCE_DATE_EPOCH": "0", **environment},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def write(self, path: str, text: str) -> None:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")

    def change(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text("utf-8")
        assert old in text
        self.write(path, text.replace(old, new))

    def digest(self, *folders: str) -> str:
        """One digest over names and contents of all files below the folders."""
        found = hashlib.sha256()
        for folder in folders:
            for path in sorted(path for path in (self.root / folder).rglob("*") if path.is_file()):
                found.update(str(path.relative_to(self.root)).encode() + b"\0" + path.read_bytes())
        return found.hexdigest()


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
    ended = Project(HANDBOOK).run("mkdocs", "build", "--strict", "--site-dir", str(place), STACKDOC_MEASURE="never")
    assert ended.returncode == 0, ended.stderr
    assert "WARNING" not in ended.stderr
    return place


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser_path(), args=list(QUIET))
        yield started
        started.close()
