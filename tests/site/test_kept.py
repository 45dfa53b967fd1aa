"""What a build keeps for the next never makes a stale page: after any change it gives what a build without it gives."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest

from tests.made.built import KEPT, Project
from tests.made.site_files import contents


def prose(project: Project) -> None:
    project.change("docs/index.md", "# ", "# Another ")


def fence(project: Project) -> None:
    page = project.root / "docs/index.md"
    page.write_text(page.read_text("utf-8") + "\n```stackdoc\nmachines:\n```\n", "utf-8")


def source(project: Project) -> None:
    script = project.root / "examples/sorting/merge.py"
    script.write_text(script.read_text("utf-8") + "\nprint('more')\n", "utf-8")


def title(project: Project) -> None:
    project.change("mkdocs.yml", "Sorting, measured", "Sorting")


def withdrawal(project: Project) -> None:
    record = next((project.root / "docs/records").rglob("*.json")).stem
    project.write("docs/data/withdrawn.yml", f'- {{record: {record}, date: "2026-11-23", reason: It was wrong.}}\n')


def ledger(project: Project) -> None:
    (project.root / ".stackdoc/ledger.json").unlink()


@pytest.mark.parametrize("change", [prose, fence, source, title, withdrawal, ledger])
def test_a_changed_project_is_built_as_if_nothing_were_kept(
    project: Project, change: Callable[[Project], None]
) -> None:
    change(project)
    for _ in range(2):
        warm = project.run("mkdocs", "build", "--quiet", STACKDOC_MEASURE="never")
        assert warm.returncode == 0, warm.stderr
    built = contents(project.site)
    for folder in KEPT:
        assert any((project.root / ".stackdoc" / folder).iterdir())
        shutil.rmtree(project.root / ".stackdoc" / folder)
    cold = project.run("mkdocs", "build", "--quiet", STACKDOC_MEASURE="never")
    assert cold.returncode == 0, cold.stderr
    assert contents(project.site) == built
