"""A project is measured, built, built again, and survives its worst examples."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from tests.made.built import PROJECTS, Project
from tests.made.repository import ROOT

VALUE = re.compile(r'<data class="sd-value"[^>]*data-record="(?P<record>[0-9a-f]{12,16})"')

HEADER = """# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc"]
# [tool.stackdoc]
# layer = "sorting"
# title = "{title}"
# budget_seconds = 4
# launches = 1
# ///
\"\"\"{title}.\"\"\"
"""


def records(project: Project) -> list[Path]:
    return sorted((project.root / "docs/records").rglob("*.json"))


def test_a_foreign_project_gets_its_numbers(built_once: Project) -> None:
    html = (built_once.site / "index.html").read_text("utf-8")
    (record,) = records(built_once)
    assert {found["record"] for found in VALUE.finditer(html)} == {record.stem}
    assert (built_once.site / "r" / record.stem / "index.html").is_file()
    assert json.loads((built_once.site / "r" / f"{record.stem}.json").read_text("utf-8"))["example"] == "sorting/merge"


def test_quoted_fences_and_roles_stay_quoted(built_once: Project) -> None:
    html = (built_once.site / "index.html").read_text("utf-8")
    assert "this one is only quoted" in html
    assert "<code>{measured}`sorting/merge sorted n=1000 time`</code>" in html


def test_an_example_has_a_page_with_what_ran(built_once: Project) -> None:
    html = (built_once.site / "examples/sorting/merge/index.html").read_text("utf-8")
    assert "sorted" in html
    assert "mathjax" not in html.lower()
    assert "mermaid" not in html.lower()
    assert len(html) < 200_000


@pytest.mark.case(36, 37)
def test_a_second_build_runs_nothing_and_gives_the_same_pages(project: Project) -> None:
    before = {path: path.read_bytes() for path in project.site.rglob("*.html")}
    ended = project.run("stackdoc", "build", "--strict")
    assert ended.returncode == 0, ended.stderr
    assert "measured 0, reused 1" in ended.stdout
    assert {path: path.read_bytes() for path in project.site.rglob("*.html")} == before


def test_a_changed_example_is_measured_again(project: Project) -> None:
    old = records(project)
    project.change("examples/sorting/merge.py", "random.Random(1)", "random.Random(2)")
    assert "measured 1" in project.run("stackdoc", "build").stdout
    assert set(old) < set(records(project))


def test_never_measures_nothing(project: Project) -> None:
    project.change("examples/sorting/merge.py", "random.Random(1)", "random.Random(2)")
    before = project.digest("docs/records")
    ended = project.run("mkdocs", "build", STACKDOC_MEASURE="never")
    assert ended.returncode == 0, ended.stderr
    assert project.digest("docs/records") == before


def test_without_the_ledger_it_is_measured_again(project: Project) -> None:
    (project.root / ".stackdoc/ledger.json").unlink()
    assert "measured 1" in project.run("stackdoc", "build").stdout


def test_a_hostile_title_is_text_wherever_it_stands(project: Project) -> None:
    project.change("examples/sorting/merge.py", '"Sorting numbers"', '"<script>alert(1)</script> & more"')
    ended = project.run("stackdoc", "build", "--strict", STACKDOC_MEASURE="never")
    assert ended.returncode == 0, ended.stderr
    pages = [path.read_text("utf-8") for path in project.site.rglob("*.html")]
    assert any("&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in page for page in pages)
    assert not any("<script>alert(1)" in page for page in pages)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [("raise ValueError('broken on purpose')", "failed"), ("import time\nwhile True:\n    time.sleep(1)", "timeout")],
    ids=["raises", "hangs"],
)
def test_a_bad_example_takes_nothing_down(project: Project, code: str, outcome: str) -> None:
    project.write("examples/sorting/bad.py", HEADER.format(title="Bad") + code + "\n")
    before = records(project)
    ended = project.run("stackdoc", "build")
    assert ended.returncode == 1
    assert re.search(rf"failed +sorting/bad on cpu: {outcome}", ended.stdout), ended.stdout
    assert not re.search("(?m)^Traceback", ended.stderr)
    assert records(project) == before
    assert (project.site / "examples/sorting/bad/index.html").is_file()
    assert VALUE.search((project.site / "index.html").read_text("utf-8"))


def test_the_wheel_works_in_a_foreign_project(tmp_path: Path) -> None:
    """The package as a user gets it, in an interpreter that does not know the checkout."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    venv.create(tmp_path / "venv", with_pip=False, symlinks=True)
    packages = next((tmp_path / "venv/lib").glob("python*/site-packages"))
    ours = next(Path(entry) for entry in sys.path if entry.endswith("site-packages"))
    # A path file only adds the directory; the path files in there, which lead to the checkout, stay unread.
    (packages / "others.pth").write_text(f"{ours}\n", "utf-8")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(packages), str(wheel)],
        check=True,
    )
    root = tmp_path / "project"
    root.mkdir()
    subprocess.run(["cp", "-r", *map(str, (PROJECTS / "small").iterdir()), str(root)], check=True)
    python = tmp_path / "venv/bin/python"
    shared = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    shared["JUPYTER_PATH"] = str(Path(sys.prefix) / "share/jupyter")  # where nbconvert's templates are
    where = subprocess.run(
        [python, "-c", "import stackdoc; print(stackdoc.__file__)"],
        cwd=root,
        env=shared,
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(tmp_path))
    ended = subprocess.run(
        [python, "-m", "mkdocs", "build", "--strict"], cwd=root, env=shared, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert VALUE.search((root / "site/index.html").read_text("utf-8"))
