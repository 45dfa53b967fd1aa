"""The result of the long truth between records: as a table, and without the file the command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stackdoc.errors import StackdocError
from stackdoc.render.fences.block import fence
from stackdoc.stack.speed.between import FILE
from tests.made import two_machines

ONE = {
    **{"kind": "dispatch", "compared": 380, "different": 4, "by_launches": 57, "planted": 380, "found": 371},
    **{"covered": 366, "refused": 0, "spread": 0.0132},
}
DOCUMENT = {
    "schema": "stackdoc.between/1",
    "measured_at": "2026-11-30T15:00:00Z",
    "until": "2026-11-30T15:31:00Z",
    "machine": {"id": "m-1", "cpu": "A <b>CPU</b>", "microarchitecture": "", "cores": 4, "memory_gib": 16},
    "records": 20,
    "gap_s": 60.0,
    "planted": 1.25,
    "tallies": {"two records alone": [ONE], "with a history": [{**ONE, "different": 2}]},
    "prior": {"dispatch": [0.0132, 4.8]},
}


def shown(root: Path, content: str = "") -> str:
    if content:
        (root / "docs/data").mkdir(parents=True)
        (root / "docs/data" / FILE).write_text(content)
    return fence(two_machines.site(root), "between:", "docs/x.md", 1)


def test_each_kind_is_a_row_without_and_with_history(tmp_path: Path) -> None:
    found = shown(tmp_path, json.dumps(DOCUMENT))
    for words in ("dispatch, two records alone", "1.3 %", "57 of 380", "4 of 380", "2 of 380", "371 of 380"):
        assert words in found
    assert "20 records of the same four examples, at least 60 s apart" in found
    assert "A &lt;b&gt;CPU&lt;/b&gt; (m-1)" in found


def test_without_the_file_the_page_says_how_to_write_it(tmp_path: Path) -> None:
    assert "Not run yet. Run <code>make truth-between</code>" in shown(tmp_path)


@pytest.mark.parametrize("content", ["[]", "{", json.dumps({**DOCUMENT, "tallies": {"x": [{}]}})])
def test_a_file_of_another_form_is_refused_in_words(tmp_path: Path, content: str) -> None:
    with pytest.raises(StackdocError, match="is not of the form"):
        shown(tmp_path, content)
