"""A machine that has nothing but the base install: it measures and bundles, and the bundle is taken in elsewhere."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from click.testing import CliRunner
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import stackdoc
from stackdoc.adapters.cli.main import main
from stackdoc.project import Layout
from stackdoc.records import store
from stackdoc.records.lists import read_contributions
from tests.made.project import make_project
from tests.made.scripts import GOOD, written

CALL = "from stackdoc.adapters.cli.main import main; main()"


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a virtual environment that holds what the package declares, and no extra."""
    place = tmp_path_factory.mktemp("bare")
    subprocess.run((sys.executable, "-m", "venv", "--without-pip", str(place)), check=True)
    (libraries,) = place.glob("lib/python*/site-packages")
    (libraries / "stackdoc").symlink_to(Path(stackdoc.__file__).parent)
    for one in needed("stackdoc"):
        for name in {file.parts[0] for file in one.files or () if file.parts[0] not in ("..", "__pycache__")}:
            if not (libraries / name).exists():
                (libraries / name).symlink_to(Path(str(one.locate_file(name))))
    return place / "bin/python"


def needed(name: str) -> Iterator[Distribution]:
    """A distribution and all that it needs, each once."""
    found: dict[str, Distribution] = {}
    waiting = [name]
    while waiting:
        key = canonicalize_name(waiting.pop())
        if key not in found:
            found[key] = distribution(key)
            asked = map(Requirement, found[key].requires or ())
            waiting += [one.name for one in asked if one.marker is None or one.marker.evaluate({"extra": ""})]
    yield from found.values()


def test_the_base_install_has_no_engine_for_sites(bare: Path) -> None:
    for module in ("mkdocs", "jinja2", "torch", "nbformat", "vl_convert"):
        done = subprocess.run((bare, "-c", f"import {module}"), capture_output=True, text=True, check=False)
        assert f"No module named '{module}'" in done.stderr


def test_it_measures_and_its_bundle_is_verified_attributed_and_taken_in_once(bare: Path, tmp_path: Path) -> None:
    there, here, file = tmp_path / "there", tmp_path / "here", tmp_path / "figures.zip"
    here.mkdir()
    written(there, "kernels/good", GOOD, launches="6")

    def call(*arguments: str) -> str:
        command = (str(bare), "-I", "-c", CALL, "--root", str(there), *arguments)
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=there)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert "kernels/good on cpu: ok" in call("measure")
    call("bundle", "export", str(file), "--by", "A. Stranger", "--contact", "stranger@example.org")
    for stored in (1, 0):
        taken = CliRunner().invoke(main, ["--root", str(here), "bundle", "import", str(file)])
        assert taken.output.splitlines()[-1] == f"{stored} of 1 records stored, contributed and unverified"
    assert store.read_all(Layout(here), []) == store.read_all(Layout(there), [])
    (by,) = read_contributions(Layout(here), []).values()
    assert (by.by, by.contact) == ("A. Stranger", "stranger@example.org")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert CliRunner().invoke(main, ["--root", str(here), "bundle", "import", str(file)]).exit_code == 1


HELP = """
import click
from click.testing import CliRunner
from stackdoc.adapters.cli.main import main

def every(command, *names):
    yield names
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            yield from every(command.get_command(click.Context(command), name), *names, name)

for names in every(main):
    done = CliRunner().invoke(main, [*names, "--help"])
    print("stackdoc", *names, "exit", done.exit_code, "Usage:" in done.output)
"""


def test_every_command_says_what_it_does(bare: Path) -> None:
    done = subprocess.run((bare, "-I", "-c", HELP), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert {"stackdoc exit 0 True", "stackdoc cite exit 0 True", "stackdoc bundle import exit 0 True"} <= set(lines)
    assert [line for line in lines if not line.endswith("exit 0 True")] == []


WITHOUT_SITES = (
    ("anchors", "run `stackdoc build`"),
    ("bundle export figures.zip --by Me", "no matching record was measured here"),
    ("check", "pages not checked: pip install 'stackdoc[mkdocs]'"),
    ("compare here zen4", "nothing was measured in this checkout"),
    ("env list", "no environment"),
    ("export --format csv", "no matching record"),
    ("machine", "processor"),
    ("new example pot/poaching", "fill it in"),
    ("plan", "pot/boiling"),
    ("records", "first point"),
    ("schema", "taxonomy"),
    ("verify --history", "has no history in git"),
    ("verify aaaaaaaaaaaa", "unknown id"),
)
LACKING = (
    ("build", "mkdocs"),
    ("cite pot/boiling", "markupsafe"),
    ("export records.json", "markupsafe"),
    ("export --out made", "markupsafe"),
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_project(tmp_path_factory.mktemp("project"))
    (root / "mkdocs.yml").write_text("site_name: A kitchen\nplugins: [{stackdoc: {prefix: ''}}]\n", "utf-8")
    return root


def called(bare: Path, root: Path, command: str) -> subprocess.CompletedProcess[str]:
    words = (str(bare), "-I", "-c", CALL, *command.split())
    return subprocess.run(words, capture_output=True, text=True, check=False, cwd=root)


@pytest.mark.parametrize(("command", "answer"), WITHOUT_SITES)
def test_a_command_that_needs_no_engine_for_sites_works(bare: Path, project: Path, command: str, answer: str) -> None:
    done = called(bare, project, command)
    assert answer in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("command", "package"), LACKING)
def test_a_command_that_needs_one_names_the_extra_in_one_line(
    bare: Path, project: Path, command: str, package: str
) -> None:
    done = called(bare, project, command)
    name = command.split()[0]
    needs = f"stackdoc {name}: needs the package {package}, which is not installed"
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"{needs}; pip install 'stackdoc[mkdocs]'\n"


def test_a_module_that_is_missing_in_somebody_elses_code_stays_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text("site_name: A kitchen\nhooks: [hook.py]\n", "utf-8")
    (tmp_path / "docs").mkdir()
    (tmp_path / "hook.py").write_text("import nowhere_to_be_found\n", "utf-8")
    done = CliRunner().invoke(main, ["--root", str(tmp_path), "build"])
    assert isinstance(done.exception, ModuleNotFoundError)
