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
from stackdoc import store
from stackdoc.adapters.cli.main import main
from stackdoc.reading import read_contributions
from tests.runner.scripts import GOOD, written

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
    assert store.read_all(here, []) == store.read_all(there, [])
    (by,) = read_contributions(here, []).values()
    assert (by.by, by.contact) == ("A. Stranger", "stranger@example.org")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert CliRunner().invoke(main, ["--root", str(here), "bundle", "import", str(file)]).exit_code == 1
