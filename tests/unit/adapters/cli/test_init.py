"""`stackdoc init`, as it is called in projects that others have written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from stackdoc.adapters.registered import layout_of
from stackdoc.plan.project import read_project
from tests.made.commands import call
from tests.made.repository import ROOT

CONFIGURATIONS = {
    "no plugins": ("site_name: A\n", "site_name: A\n\nplugins:\n  - search\n  - stackdoc\n"),
    "no line end": ("site_name: A", "site_name: A\n\nplugins:\n  - search\n  - stackdoc\n"),
    "a list with comments": (
        "plugins: # ours\n  - search # first\n  - tags:\n      a: b\n\n  # old\nnav: # last\n  - a.md\n",
        "plugins: # ours\n  - search # first\n  - tags:\n      a: b\n  - stackdoc\n\n  # old\nnav: # last\n  - a.md\n",
    ),
    "a list that is not indented, at the end": (
        "site_name: A\nplugins:\n- search",
        "site_name: A\nplugins:\n- search\n- stackdoc\n",
    ),
    "a mapping": (
        "plugins:\n    search: {}\n    tags:\n        a: b\nsite_name: A\n",
        "plugins:\n    search: {}\n    tags:\n        a: b\n    stackdoc: {}\nsite_name: A\n",
    ),
    "tags of MkDocs and Windows line ends": (
        "plugins:\r\n  - search\r\nx: !!python/name:a.b\r\ny: !ENV [A, b]\r\n",
        "plugins:\r\n  - search\r\n  - stackdoc\r\nx: !!python/name:a.b\r\ny: !ENV [A, b]\r\n",
    ),
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_the_plugin_is_added_and_nothing_else_changes(name: str, tmp_path: Path) -> None:
    before, after = CONFIGURATIONS[name]
    file = tmp_path / "mkdocs.yml"
    file.write_bytes(before.encode())
    assert call(tmp_path, "init").exit_code == 0
    assert file.read_bytes().decode() == after
    again = call(tmp_path, "init")
    assert again.exit_code == 0
    assert "has the plugin already" in again.stdout
    assert file.read_bytes().decode() == after


@pytest.mark.parametrize(
    "text",
    [
        "plugins: [search]\n",
        "plugins: []\n",
        "plugins:\n",
        "plugins: !ENV [A, [search]]\n",
        "INHERIT: base.yml\nsite_name: A\n",
        "{site_name: A}\n",
        "a: &list\n  - search\nplugins: *list\n",
        "site_name: [\n",
        "- a\n",
    ],
)
def test_what_can_not_be_changed_safely_is_left_with_an_instruction(text: str, tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text(text, "utf-8")
    result = call(tmp_path, "init")
    assert result.exit_code == 1
    assert result.stderr.startswith("mkdocs.yml: plugins: can't be changed here; add `- stackdoc` to its list")
    assert (tmp_path / "mkdocs.yml").read_text("utf-8") == text
    assert not (tmp_path / "examples").exists()


def test_a_directory_without_mkdocs_is_refused(tmp_path: Path) -> None:
    result = call(tmp_path, "init")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "mkdocs.yml: there is none here or above; mkdocs new . writes one\n"


def test_the_first_example_runs_with_what_is_installed_and_says_where_it_appears(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text("site_name: A\n", "utf-8")
    result = call(tmp_path, "init")
    assert "shows it at /stackdoc/examples/first/sorting/" in result.stdout
    assert "```stackdoc\nexample: first/sorting\n```" in result.stdout
    assert list(read_project(layout_of(tmp_path)).examples) == ["first/sorting"]
    assert call(tmp_path, "check").stdout == "1 example, 0 records\n"
    script = [sys.executable, str(tmp_path / "examples/first/sorting.py")]
    ran = subprocess.run(script, capture_output=True, text=True, check=True, cwd=ROOT)
    assert "sort" in ran.stdout


def test_examples_that_are_there_stay_alone(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text("site_name: A\n", "utf-8")
    (tmp_path / "examples/ours").mkdir(parents=True)
    (tmp_path / "examples/ours/script.py").write_text("print(1)\n", "utf-8")
    assert "no example was written" in call(tmp_path, "init").stdout
    assert not (tmp_path / "examples/first").exists()


def test_the_tutorial_shows_what_init_prints_and_times_what_it_writes(tmp_path: Path) -> None:
    tutorial = (ROOT / "docs/guide/tutorial.md").read_text("utf-8")
    (tmp_path / "mkdocs.yml").write_text("site_name: A\n")
    printed = call(tmp_path, "init").stdout
    assert f"````text\n{printed}````\n" in tutorial
    added = (tmp_path / "mkdocs.yml").read_text("utf-8").partition("\n\n")[2]
    assert f"```yaml\n{added}```\n" in tutorial
    script = (tmp_path / "examples/first/sorting.py").read_text("utf-8")
    assert script[script.index("for n in ex.sweep") :] in tutorial
