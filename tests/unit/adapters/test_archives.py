"""Archives of examples: what a script needs is in them, and nothing that nobody meant to publish."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from stackdoc.adapters import archives
from stackdoc.adapters.registered import load_site
from stackdoc.site.site import Site
from tests.made.project import EXAMPLE, make_project

SCRIPT = "examples/pot/boiling.py"


def project(root: Path) -> Site:
    """One example, which imports a module and reads data, a hidden file and one that git ignores."""
    data = '# data = ["water.csv", "secret.csv", ".hidden.csv"]\n# claims'
    make_project(root, boiling=EXAMPLE.replace("# claims", data))
    for name in ("water.csv", "secret.csv", ".hidden.csv"):
        (root / name).write_text(name, "utf-8")
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    (root / ".gitignore").write_text("secret.*\nboiling.py\n", "utf-8")
    (root / "site/examples/pot").mkdir(parents=True)
    (root / "site/examples/pot/boiling.ipynb").write_text("{}", "utf-8")
    return load_site(root)


def names(content: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(content)).namelist()


def test_an_archive_has_what_the_script_needs_and_runs(tmp_path: Path) -> None:
    site = project(tmp_path / "in")
    made = dict(archives.archives(site, site.root / "site"))
    assert set(made) == {"examples/pot/boiling.zip", "examples.zip"}
    expected = ["examples/pot/boiling.ipynb", SCRIPT, "examples/pot/helper.py", "water.csv"]
    assert names(made["examples/pot/boiling.zip"]) == expected
    assert names(made["examples.zip"]) == expected
    zipfile.ZipFile(io.BytesIO(made["examples.zip"])).extractall(tmp_path / "out")
    subprocess.run([sys.executable, SCRIPT], cwd=tmp_path / "out", check=True)


def test_the_same_files_make_the_same_bytes(tmp_path: Path) -> None:
    first, second = project(tmp_path / "first"), project(tmp_path / "second")
    (second.root / "water.csv").chmod(0o600)
    made = [dict(archives.archives(site, site.root / "site")) for site in (first, second)]
    assert made[0] == made[1]
    entries = zipfile.ZipFile(io.BytesIO(made[0]["examples.zip"])).infolist()
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}


def test_a_large_file_is_left_out_and_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    site = project(tmp_path)
    monkeypatch.setattr(archives, "LARGEST", 2_000)
    (tmp_path / "water.csv").write_text("x" * 2_001, "utf-8")
    with caplog.at_level("INFO"):
        made = dict(archives.archives(site, tmp_path / "site"))
    assert "water.csv" not in names(made["examples.zip"])
    assert "water.csv has more than" in caplog.text


def test_files_outside_the_project_are_left_out(tmp_path: Path) -> None:
    site = project(tmp_path / "in")
    (tmp_path / "outside.py").write_text("", "utf-8")
    loaded = (("../outside.py", "aa"), ("gone.py", "bb"))
    examples = {id: replace(example, loaded=loaded) for id, example in site.examples.items()}
    made = dict(archives.archives(replace(site, examples=examples), site.root / "site"))
    assert not [name for name in names(made["examples.zip"]) if "outside" in name or "gone" in name]
