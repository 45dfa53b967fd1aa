"""A project without anything of ours is recognised by its files alone, and one with anything of ours is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from stackdoc.adapters.presence import ROLES, has_nothing
from stackdoc.project import Layout
from stackdoc.render.fences.roles import WRITERS
from tests.made.repository import ROOT

HEAVY = ("numpy", "pydantic", "markupsafe._speedups", "nh3", "pint", "rdflib", "rich", "psutil", "stackdoc.render")


def project(root: Path, **files: str | bytes) -> Layout:
    for path, content in {"docs/index.md": "# Theirs\n", **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content if isinstance(content, bytes) else content.encode())
    return Layout(root, prefix="stackdoc/")


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"docs/page.md": "Use `{x}` and {abc}; `a`{.py}.\n"},
        {"docs/data/facts.yml": "theirs\n"},
        {"docs/records/1.json": "{}"},
        {"examples/readme.txt": "theirs"},
    ],
)
def test_a_project_of_others_has_nothing(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    assert has_nothing(project(tmp_path, **files), tmp_path / "docs")


@pytest.mark.parametrize(
    "files",
    [
        {"docs/deep/page.md": "```stackdoc\nmath: x\n```\n"},
        {"docs/page.md": "It takes {given}`3 s`.\n"},
        {"docs/page.md": b"\xe9"},  # which the check of the pages reports
        {"docs/stackdoc/data/facts.yml": "[]\n"},
        {"docs/stackdoc/records/m/e/1.json": "{}"},
        {"examples/deep/run.py": "print(1)\n"},
        {"examples/run.ipynb": "{}"},
        {"examples/environments/llm/pyproject.toml": ""},
    ],
)
def test_anything_that_may_be_ours_is_seen(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    assert not has_nothing(project(tmp_path, **files), tmp_path / "docs")


def test_the_plugin_alone_loads_nothing_that_reads_renders_or_measures() -> None:
    """A project without anything of ours waits for the import of the plugin, and for nothing else."""
    code = f"import sys, stackdoc.adapters.mkdocs.plugin; print([name for name in {HEAVY!r} if name in sys.modules])"
    bare = "import sys, mkdocs.plugins, mkdocs.livereload, mkdocs.structure.files, mkdocs.config.defaults; "
    seen = [
        subprocess.run([sys.executable, "-c", text], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for text in (code, code.replace("import sys, stackdoc.adapters.mkdocs.plugin; ", bare))
    ]
    assert seen[0] == seen[1]


def test_the_roles_of_any_project_are_those_of_the_engine() -> None:
    assert set(ROLES) == set(WRITERS)
