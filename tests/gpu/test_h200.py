"""The script for a quarter of an hour on an H200, with an interpreter and a stackdoc that note how they are called."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from stackdoc.plan.plan import matches_any
from tests.gpu.rehearsal import REPOSITORY, branches

SCRIPT = REPOSITORY / "tests/gpu/h200.sh"
NOTING = '#!/bin/sh\necho "$(basename "$0") $*" >>"$CALLS"\n'


class Visit:
    """What the script is given, and what it did. It finds a copy of the checkout there already, an empty one."""

    def __init__(self, place: Path) -> None:
        self.out = place / "out"
        self.work = place / "work"
        self.work.mkdir()
        self.calls_file = place / "calls"
        self.environment = dict(os.environ, OUT=str(self.out), WORK=str(self.work), CALLS=str(self.calls_file))
        for name in ("python", "stackdoc"):
            program = place / name
            program.write_text(NOTING, encoding="utf-8")
            program.chmod(0o755)
            self.environment[name.upper()] = str(program)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = ("bash", str(SCRIPT), *arguments)
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)

    @property
    def calls(self) -> list[str]:
        return self.calls_file.read_text("utf-8").splitlines() if self.calls_file.exists() else []

    @property
    def measured(self) -> list[str]:
        """The patterns of examples that were to be measured."""
        asked = "stackdoc measure --device cuda "
        return [one for call in self.calls if call.startswith(asked) for one in call.removeprefix(asked).split()]


@pytest.fixture
def visit(tmp_path: Path) -> Visit:
    return Visit(tmp_path)


def test_both_parts_together_measure_every_cuda_branch_once(visit: Visit) -> None:
    assert visit.run("480").returncode == 0
    first = len(visit.measured)
    assert visit.run("230", "rest").returncode == 0
    assert 0 < first < len(visit.measured)
    times = {branch.id: sum(matches_any(branch.id, [pattern]) for pattern in visit.measured) for branch in branches()}
    assert times == dict.fromkeys(times, 1)
    assert visit.measured[0] == "silicon/roofs"


def test_the_probe_and_the_tests_that_need_a_gpu_come_before_any_record(visit: Visit) -> None:
    visit.run("480")
    programs = [call.partition(" --")[0].partition(" -q")[0] for call in visit.calls]
    probe = programs.index(f"python tests/gpu/probe.py {visit.out}/probe.jsonl")
    assert probe < programs.index("python -m pytest") < programs.index("stackdoc measure")
    assert "-m gpu tests/gpu" in visit.calls[programs.index("python -m pytest")]


def test_records_are_bundled_after_every_group(visit: Visit) -> None:
    visit.run("230", "rest")
    kinds = [call.split()[1] for call in visit.calls]
    assert kinds == ["measure", "bundle"] * 3


def test_what_there_is_no_time_for_is_named_and_not_begun(visit: Visit) -> None:
    assert visit.run("20", "rest").returncode == 0
    assert visit.calls == []
    log = (visit.out / "measure.log").read_text("utf-8")
    assert "left out: economics/price" in log
    assert "left out: framework/compile" in log


def test_the_copy_that_measures_has_no_records(visit: Visit) -> None:
    visit.work.rmdir()
    visit.run("20", "rest")
    assert (visit.work / "examples/silicon/roofs.py").is_file()
    assert not (visit.work / "docs/records").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("480", "second"), "second: unknown part; the parts are first and rest\n"),
        (("soon",), "soon: seconds are a whole number\n"),
    ],
)
def test_a_wrong_argument_is_refused_before_anything_is_done(
    visit: Visit, arguments: tuple[str, ...], said: str
) -> None:
    done = visit.run(*arguments)
    assert (done.returncode, done.stderr) == (2, said)
    assert not visit.out.exists()
