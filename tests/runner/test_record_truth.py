"""Real runs in which something was planted: what is refused, what is called slower, what says it was shared."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from stackdoc.adapters.cli.main import main
from stackdoc.model.record import Record
from stackdoc.plan.project import read_project
from stackdoc.project import Layout
from stackdoc.records import store
from stackdoc.run.measuring import bring_up_to_date
from stackdoc.statistics import compare, summarise
from tests.made.scripts import written

ROOFS = """
    import numpy
    from stackdoc import Work, example
    ex = example()
    a = numpy.random.default_rng(1).normal(size=(256, 256))
    ex.measure("gemm", lambda: a @ a, work=Work(flop=2 * 256**3), dtype="float64")
"""
PLANTED = {
    "wrong": (
        "ex.measure('a', lambda: x * 2, check=lambda out: close(out, x * 3))",
        "a: the result is wrong: error 0.33 against reference, tolerance 1e-05",
    ),
    "not_finite": ("ex.measure('a', lambda: x / numpy.nan)", "a: the result is not finite"),
    "zeros": ("z = x * 0\nex.measure('a', lambda: z @ z)", "a: all its inputs are zeros"),
    "declared_zeros": ("ex.measure('a', lambda: x @ x, inputs=(x * 0,))", "a: an input is all zeros"),
    "impossible": ("ex.measure('a', lambda: x @ x, work=Work(flop=1e15), dtype='float64')", "of the measured roof"),
}
HEAD = """
import numpy
from stackdoc import Work, close, example
ex = example()
x = numpy.random.default_rng(1).normal(size=(64, 64))
"""


WORKS = """
    from pathlib import Path
    from stackdoc import example
    rounds = int(Path({place!r}).read_text())
    def work():
        total = 0.0
        for step in range(rounds):
            total += step * 0.5
    example().measure("a", work)
"""
ROUNDS = 30_000  # about a millisecond


@pytest.mark.bar(7)
def test_what_is_planted_is_refused_with_its_reason_and_leaves_no_record(tmp_path: Path) -> None:
    written(tmp_path, "silicon/roofs", ROOFS, roofs="true", layer='"silicon"')
    for name, (body, _) in PLANTED.items():
        written(tmp_path, f"kernels/{name}", HEAD + body)
    done = CliRunner().invoke(main, ["--root", str(tmp_path), "measure"])
    assert done.exit_code == 1, done.output
    for name, (_, reason) in PLANTED.items():
        said = [line for line in done.output.splitlines() if line.startswith(f"kernels/{name} on cpu: refused")]
        assert len(said) == 1, done.output
        assert reason in said[0]
    assert {record.example for record in store.read_all(Layout(tmp_path), []).values()} == {"silicon/roofs"}


def measured(folder: Path, rounds: int) -> Record:
    """The record of nine launches whose work is `rounds` long; the script is the same for every length.

    The length stands outside the project: in a file of it, it would be part of the record's digest, or refused.
    """
    place, root = folder / "rounds.txt", folder / "project"
    place.write_text(str(rounds), encoding="ascii")
    written(root, "kernels/works", WORKS.format(place=str(place)), launches="9")
    (result,) = bring_up_to_date(read_project(Layout(root)), profile="full", again=True).results
    assert result.record is not None, result.outcome
    return result.record


@contextmanager
def loaded() -> Iterator[None]:
    """Two spinning processes for every CPU, long enough for the kernel's average to know of them."""
    command = (sys.executable, "-S", "-c", "while True: pass")
    spinning = [subprocess.Popen(command) for _ in range(2 * len(os.sched_getaffinity(0)))]
    try:
        time.sleep(15)
        yield
    finally:
        for one in spinning:
            one.kill()
            one.wait()


@pytest.mark.truth
@pytest.mark.bar(3)
def test_a_planted_slowdown_of_a_quarter_is_called_slower(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    before, after, again = (measured(tmp_path, rounds) for rounds in (ROUNDS, ROUNDS * 5 // 4, ROUNDS))
    slower, same = compare(before, after, "a"), compare(before, again, "a")
    said = ", ".join(f"{one.word or one.refused} ({one.ratio})" for one in (slower, same))
    record_property("measured", f"records of 1.25 times the work and of the same: {said}")
    assert slower.word == "slower"
    assert same.word in ("no difference we can measure", "less than 5 % apart", "ambiguous")


@pytest.mark.truth
@pytest.mark.bar(2)
def test_a_record_made_on_a_loaded_machine_says_shared(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with loaded():
        (point,) = measured(tmp_path, ROUNDS).points
    found = summarise(point)
    record_property("measured", f"a record made on a loaded machine: {found.counted} of 9 count, {found.quality}")
    assert found.quality == "shared"
