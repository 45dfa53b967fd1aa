"""Named environments as real virtual environments, with wheels made here: no test asks the network."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from filelock import FileLock

from stackdoc.adapters.cli.main import main
from stackdoc.adapters.registered import load_site
from stackdoc.errors import StackdocError
from stackdoc.machine import this_machine
from stackdoc.plan.project import read_project
from stackdoc.project import MADE_ENVIRONMENTS, Layout
from stackdoc.run.make_environment import MARKER
from stackdoc.run.measuring import bring_up_to_date
from stackdoc.run.process.variables import link_directory
from stackdoc.run.situation import assess
from tests.made.scripts import FAST, written
from tests.made.wheels import wheel

USES = """
    import sys
    import soup
    from stackdoc import example
    ex = example()
    ex.measure("sum", lambda: sum(range(300)), n=300)
    print("soup", soup.VERSION, sys.prefix)
"""


def write_project(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two environments with other versions of one package, and an example in each; the wheels are beside them."""
    wheels = place / "wheels"
    for version in ("1.0", "2.0"):
        wheel(wheels, "soup", version)
    for name, value in (("NO_INDEX", "1"), ("FIND_LINKS", str(wheels)), ("OFFLINE", "1")):
        monkeypatch.setenv(f"UV_{name}", value)
        monkeypatch.setenv(f"PIP_{name}", value)
    root = place / "project"
    for name, version in (("thin", "1.0"), ("thick", "2.0")):
        lock(root, name, f"soup=={version}\n")
        written(root, f"kernels/{name}", USES, environment=f'"{name}"', launches="1")
    return root


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing of it was made."""
    return write_project(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both environments were made, which takes seconds; nobody may change them."""
    place = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as monkeypatch:
        done = call(write_project(place, monkeypatch), "env", "create", "thin", "thick")
    assert done.exit_code == 0, done.output
    return place


@pytest.fixture
def made(made_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project whose environments were made."""
    shutil.copytree(made_once, tmp_path, symlinks=True, dirs_exist_ok=True)
    return write_project(tmp_path, monkeypatch)


def lock(root: Path, name: str, text: str, options: str = "") -> None:
    directory = root / "examples" / "environments" / name
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "requirements.lock").write_text(text)
    if options:
        (directory / "environment.toml").write_text(options)


def call(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(root), *arguments])


def actions(root: Path) -> dict[str, str]:
    return {
        decision.example: f"{decision.action}: {decision.reason}"
        for decision in assess(read_project(Layout(root))).decisions
    }


def test_an_example_whose_environment_was_not_made_is_skipped_with_the_command(project: Path) -> None:
    lacking = "skip: skipped: needs the environment {0!r}, which was not made here: stackdoc env create {0}"
    assert actions(project) == {f"kernels/{name}": lacking.format(name) for name in ("thin", "thick")}
    assert "0 entries" in call(project, "env", "list", "--keep").output


def test_two_versions_of_one_package_run_in_one_build(made: Path) -> None:
    results = {result.example: result for result in bring_up_to_date(read_project(Layout(made)), limits=FAST).results}
    for name, version in (("thin", "1.0"), ("thick", "2.0")):
        record = results[f"kernels/{name}"].record
        assert record is not None, results[f"kernels/{name}"].outcome
        assert record.software.packages["soup"] == version
        (output,) = record.outputs
        assert output.data == f"soup {version} ./{MADE_ENVIRONMENTS / name}\n"
    assert actions(made) == {"kernels/thick": "reuse: fresh", "kernels/thin": "reuse: fresh"}
    shown = call(made, "env", "list").output
    assert "thick     1 package   made, python 3." in shown


@pytest.mark.case(47)
def test_another_version_in_the_environment_is_a_reason_and_a_conflict_is_told(made: Path) -> None:
    script = made / "examples/kernels/thin.py"
    bring_up_to_date(read_project(Layout(made)), patterns=["kernels/thin"], limits=FAST)
    lock(made, "thin", "soup==2.0\n")
    stale = "whose lock has changed since it was made: stackdoc env create thin"
    assert actions(made)["kernels/thin"] == f"skip: skipped: needs the environment 'thin', {stale}"
    assert "soup" in call(made, "env", "create", "thin").output
    assert actions(made)["kernels/thin"] == "run: soup 1.0 → 2.0"
    script.write_text(script.read_text().replace('["stackdoc"]', '["stackdoc", "soup<2"]'))
    wanted = "skip: skipped: needs soup<2, 2.0 is installed in the environment 'thin'"
    assert actions(made)["kernels/thin"] == wanted


def test_a_half_made_environment_is_never_taken_for_made_and_stops_no_other(project: Path) -> None:
    lock(project, "thin", "soup==1.0\nsalt==3.0\n")
    failed = call(project, "env", "create", "thin", "thick")
    assert failed.exit_code == 1
    assert "thick: made" in failed.output
    assert failed.output.splitlines()[-1].startswith("examples/environments/thin: can't be made: ")
    assert "salt" in failed.output
    assert "which is half-made" in actions(project)["kernels/thin"]
    lock(project, "thin", "soup==1.0\n")
    assert call(project, "env", "create", "thin").exit_code == 0
    assert actions(project)["kernels/thin"].startswith("run: ")


def test_what_is_made_is_not_made_again_until_its_marker_is_of_another_lock(made: Path) -> None:
    assert "already made" in call(made, "env", "create", "thin").output
    (made / MADE_ENVIRONMENTS / "thin" / MARKER).write_text(json.dumps({"digest": "of another"}))
    assert "whose lock has changed" in actions(made)["kernels/thin"]


def test_what_a_lock_cannot_say_is_in_the_options(project: Path) -> None:
    wheel(project.parent / "wheels", "stew", "1.0", requires=("meat>=1",))
    lock(project, "thin", "soup==1.0\n", 'summary = "For soup."\nno_deps = ["stew==1.0"]\n')
    assert call(project, "env", "create", "thin").exit_code == 0
    assert "2 packages  made" in call(project, "env", "list").output
    lock(project, "thick", "soup==2.0\n", 'needs = ["no-such-program"]\ndebian = ["kitchen"]\n')
    assert (
        "needs these Debian packages, which you must install: kitchen" in call(project, "env", "create", "thick").output
    )
    assert "which needs no-such-program (Debian: kitchen)" in actions(project)["kernels/thick"]


def test_a_second_checkout_uses_an_environment_that_it_reaches_beside_the_first(made: Path) -> None:
    interpreter = (made / MADE_ENVIRONMENTS / "thin/bin/python").stat().st_mtime_ns
    there = link_directory(made / MADE_ENVIRONMENTS / "thin")
    there.rename(there.with_name("of-another"))
    assert "which is linked only to other checkouts: stackdoc env create thin" in actions(made)["kernels/thin"]
    assert "thin: made" in call(made, "env", "create", "thin").output
    assert (made / MADE_ENVIRONMENTS / "thin/bin/python").stat().st_mtime_ns == interpreter
    (result,) = bring_up_to_date(read_project(Layout(made)), patterns=["kernels/thin"], limits=FAST).results
    assert result.record is not None
    assert {path.name for path in there.parent.iterdir()} == {"of-another", there.name}


def test_what_it_took_to_make_one_is_measured_and_kept_for_the_pages(made: Path) -> None:
    call(made, "env", "create", "thin", "--no-cache", "--recreate")
    assert "docs/data/environments.yml: 2 entries, 2 of them" in call(made, "env", "list", "--keep").output
    thick, thin = load_site(made).creations
    assert (thick.environment, thick.downloaded, thin.environment, thin.downloaded) == ("thick", False, "thin", True)
    assert thin.seconds > 0
    assert thin.size_bytes > 10_000
    assert thin.machine == this_machine().id
    lock(made, "thin", "soup==2.0\n")
    assert "2 entries, 1 of them" in call(made, "env", "list", "--keep").output
    assert load_site(made).creations == (thick, thin)  # of the older lock, which its digest says


def test_the_examples_of_one_environment_are_measured_alone(made: Path) -> None:
    measured = call(made, "measure", "--environment", "thin")
    assert "measured  kernels/thin" in measured.output
    assert "thick" not in measured.output
    refused = call(made, "measure", "--environment", "thn")
    assert "examples/environments/thn: unknown environment; did you mean 'thin'?" in refused.output
    assert refused.exit_code == 1


def test_two_that_make_one_environment_do_not_meet(project: Path) -> None:
    (project / MADE_ENVIRONMENTS).mkdir(parents=True)
    with FileLock(project / MADE_ENVIRONMENTS / "thin.lock"):
        assert "is being made by another process" in call(project, "env", "create", "thin").output


@pytest.mark.parametrize(
    ("text", "options", "problem"),
    [
        ("soup>=1\n", "", "requirements.lock:1: 'soup>=1' names no single version; write name==version"),
        ("# a\nsoup==1.0 \\\n    --hash=sha256:00\n!\n", "", "requirements.lock:4: '!' is not a valid requirement"),
        ("soup==1.0\n", "pyhton = '3.12'\n", "toml:1: pyhton: unknown key 'pyhton'; did you mean 'python'?"),
        ("soup==1.0\n", "python = 'new'\n", "environment.toml:1: python: 'new' is no version; write \"3.12\""),
        ("soup==1.0\n", "python = \n", "is not TOML"),
    ],
)
def test_a_fault_is_named_with_its_line(project: Path, text: str, options: str, problem: str) -> None:
    lock(project, "thin", text, options)
    with pytest.raises(StackdocError) as caught:
        assess(read_project(Layout(project)))
    assert problem in str(caught.value)
    assert problem in call(project, "env", "list").output


@pytest.mark.case(79)
@pytest.mark.parametrize("is_right", [True, False])
def test_a_package_with_a_hash_is_installed_if_it_has_that_hash(project: Path, is_right: bool) -> None:
    (file,) = (project.parent / "wheels").glob("soup-1.0-*.whl")
    digest = hashlib.sha256(file.read_bytes()).hexdigest() if is_right else "0" * 64
    lock(project, "thin", f"soup==1.0 \\\n    --hash=sha256:{digest}\n")
    done = call(project, "env", "create", "thin")
    assert done.exit_code == (0 if is_right else 1)
    assert is_right or "hash" in done.stderr.lower()
