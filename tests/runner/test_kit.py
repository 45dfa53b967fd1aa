"""A kit made of local wheels, installed and run without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest
from click.testing import CliRunner

from stackdoc.adapters.cli import kit
from stackdoc.adapters.cli.main import main
from stackdoc.project import Layout
from stackdoc.records import store
from tests.made.scripts import GOOD, written
from tests.made.wheels import wheel


def git(root: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    return subprocess.run(("git", "-C", root, *identity, *arguments), capture_output=True, text=True, check=True).stdout


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A committed project, and pip that finds nothing but one wheel of the test's own."""
    root = tmp_path / "project"
    written(root, "kernels/good", GOOD, launches="1")
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "All")
    wheel(tmp_path / "local", "carried", "1.5")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "local"))
    return root


def packages_here() -> str:
    """The directory of the packages that these tests run with, as those of the machine that has the kit."""
    return str(Path(str(distribution("numpy").locate_file(""))))


def test_a_kit_installs_measures_and_packs_without_a_network(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kit, "base_requirements", lambda _: [])  # the machine has them, as it has torch
    there = tmp_path / "there"
    made = CliRunner().invoke(main, ["--root", str(project), "kit", str(there), "--with", "carried>=1"])
    assert made.exit_code == 0, made.output
    assert [path.name for path in (there / "wheels").iterdir()] == ["carried-1.5-py3-none-any.whl"]
    shutil.rmtree(tmp_path / "local")
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHON": sys.executable,
        "PYTHONPATH": packages_here(),
        "HOME": str(tmp_path),
    }
    done = subprocess.run(
        (there / "install.sh", "A. Person", "5"), capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    own = next((there / "venv").glob("lib/python*/site-packages"))
    assert (own / "carried.py").exists()
    imported = CliRunner().invoke(main, ["--root", str(project), "bundle", "import", str(there / "records.zip")])
    commit = git(project, "rev-parse", "HEAD").strip()
    assert f"its files are those of commit {commit[:12]}" in imported.output
    (record,) = store.read_all(Layout(project), []).values()
    assert record.commit == commit


def test_what_pip_cannot_find_leaves_no_directory(project: Path, tmp_path: Path) -> None:
    made = CliRunner().invoke(main, ["--root", str(project), "kit", str(tmp_path / "there"), "--python", "3.12"])
    assert made.exit_code == 1
    assert "kit: " in made.stderr
    assert "No matching distribution found for click" in made.stderr
    assert not (tmp_path / "there").exists()


def test_it_refuses_what_it_cannot_use(project: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    existing = CliRunner().invoke(main, ["--root", str(project), "kit", str(there)])
    assert "exists already" in existing.stderr
    version = CliRunner().invoke(main, ["--root", str(project), "kit", str(tmp_path / "new"), "--python", "three"])
    assert "'three' is not a version such as 3.12" in version.output
    (tmp_path / "bare").mkdir()
    bare = CliRunner().invoke(main, ["--root", str(tmp_path / "bare"), "kit", str(tmp_path / "new")])
    assert "needs a git repository with a commit" in bare.stderr


def test_the_base_install_is_what_the_package_declares() -> None:
    names = {requirement.partition(">")[0] for requirement in kit.base_requirements("3.12")}
    assert {"click", "numpy", "rich"} <= names
    assert not {"mkdocs", "torch", "pytest"} & names


def test_a_glibc_takes_the_wheels_of_every_older_one() -> None:
    tags = kit.accepted_tags("manylinux_2_28_x86_64")
    assert tags[0] == "manylinux_2_28_x86_64"
    assert {"manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux_2_12_x86_64", "manylinux1_x86_64"} <= set(tags)
    assert "manylinux2014_aarch64" not in kit.accepted_tags("manylinux_2_16_aarch64")
    assert kit.accepted_tags("macosx_14_0_arm64") == ["macosx_14_0_arm64"]
