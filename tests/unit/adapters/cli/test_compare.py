"""`stackdoc compare` on two records of one machine: what the machine did is told apart from what the example did."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from click.testing import CliRunner

from stackdoc.adapters.cli.main import main
from stackdoc.model.record import Control
from stackdoc.project import Layout
from stackdoc.records.identity import with_id
from stackdoc.records.store import write
from tests.made.points import timed
from tests.made.records import made_record

SIX = (1.0, 1.01, 0.99, 1.02, 0.98, 1.005)


def test_what_the_controls_explain_is_said_of_the_machine(tmp_path: Path) -> None:
    made = []
    for number, (slower, chain, other) in enumerate(((1.0, 6e-4, 2e-3), (1.4, 8.4e-4, 6e-3))):
        control = Control("dispatch", "controls/1, NumPy 2.3.1", timed([23e-6 * slower * one for one in SIX]).launches)
        points = [timed([seconds * one for one in SIX], name) for name, seconds in (("chain", chain), ("sum", other))]
        record = made_record(points=tuple(points), controls=(control,), measured_at=f"2026-01-0{number + 1}T00:00:00Z")
        made.append(with_id(replace(record, outputs=())))
        write(Layout(tmp_path), made[-1])
    ended = CliRunner().invoke(main, ["--root", str(tmp_path), "compare", made[0].id, made[1].id])
    assert ended.exit_code == 0, ended.output
    lines = ended.output.splitlines()
    assert lines[1].startswith("  the machine itself was 1.40 times slower (control dispatch, 1.3")
    assert lines[2].startswith("  chain  600 µs → 840 µs, 1.4× (0.9")
    assert "): the machine itself was 1.40 times slower (control dispatch" in lines[2]
    assert lines[3].startswith("  sum    2.00 ms → 6.0 ms, 3.0× (1.9")
    assert lines[3].endswith("): slower")
    assert lines[-1].startswith("  one run differs from the next: by ")
