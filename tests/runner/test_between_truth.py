"""Real records of one box, compared with each other: identical work is no difference, a quarter more is found."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from stackdoc.machine.identity import known_as
from stackdoc.model.machine import Machine
from stackdoc.model.record import Record
from stackdoc.project import Layout
from stackdoc.records.store import read_all
from tests.made.between import document, prior, tally, together
from tests.made.four_kinds import KINDS, measured_again, write_four

RECORDS = int(os.environ.get("TRUTH_BETWEEN_RECORDS", "6"))  # `make truth-between`: 20, a minute apart
GAP_S = float(os.environ.get("TRUTH_BETWEEN_GAP_S", "5"))
FILE = os.environ.get("TRUTH_BETWEEN_FILE", "")  # where the handbook finds the result


def recorded_machines() -> list[Machine]:
    """The machines of the handbook's records, under whose ids it knows them."""
    root = Path(__file__).resolve().parents[2]
    return [record.machine for record in read_all(Layout(root), []).values()]


@pytest.mark.truth
@pytest.mark.bar(8)
def test_records_of_one_box_are_seldom_called_different_and_a_quarter_more_is_found(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """At most 10 % called different, 1.25 times the work found in 80 %, its interval right in 90 %; of four kinds."""
    write_four(tmp_path)
    by_kind: dict[str, list[Record]] = {kind: [] for kind in KINDS}
    for number in range(RECORDS):
        time.sleep(GAP_S if number else 0)
        for record in measured_again(tmp_path):
            by_kind[record.example.partition("/")[2]].append(record)
        if number == 1 and not together([tally(kind, found, known=False) for kind, found in by_kind.items()]).compared:
            pytest.skip("the machine was shared: of two records of four kinds, no figure can be compared")
    tallies = {
        name: [tally(kind, records, known=name == "with a history") for kind, records in by_kind.items()]
        for name in ("two records alone", "with a history")
    }
    said = [f"{name}: {'; '.join(map(str, (together(found), *found)))}" for name, found in tallies.items()]
    record_property("measured", f"{RECORDS} records, {'. '.join(said)}. They make a prior of {prior(by_kind)}")
    whole = [together(found) for found in tallies.values()]
    if whole[0].refused > whole[0].compared:
        pytest.skip(f"the machine was shared: {whole[0].refused} comparisons refused, {whole[0].compared} made")
    if FILE:
        machine = known_as(by_kind[next(iter(KINDS))][0].machine, recorded_machines())
        Path(FILE).write_text(json.dumps(document(by_kind, machine, GAP_S, tallies), indent=1) + "\n", "utf-8")
    for one in whole:
        assert one.share("different") <= 0.1, one
        assert one.share("found") >= 0.8, one
        assert one.share("covered") >= 0.9, one
