"""Files that a build or a launch left, of which any may be damaged or forged: they are refused or count as gone.

The first line of an input names the file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from stackdoc.errors import Problem, StackdocError
from stackdoc.plan.project import read_project
from stackdoc.project import LEDGER, VALIDATED, Layout
from stackdoc.records import store
from stackdoc.records.validated import ValidatedFiles
from stackdoc.run.process.report import read_report
from stackdoc.run.resume import SavedLaunches
from tests.fuzz.mutations import as_json, damaged, mutated, shapes
from tests.fuzz.target import Target
from tests.made.project import make_project
from tests.made.records import made_record

RECORD = made_record()
REPORT, SAVED = "report.json", "saved.json"


def originals() -> dict[str, Any]:
    """Return a good content of every file."""
    output = {"cell": 1, "mime": "text/plain", "data": "x"}
    result = {"index": 0, "points": RECORD.fields()["points"], "outputs": [output], "remarks": ["words"]}
    end = {"outcome": {"name": "ok"}, "result": result, "seconds": 1.0}
    path = store.record_path(Layout(Path()), RECORD)
    return {
        LEDGER.as_posix(): {"schema": "stackdoc.ledger/1", "records": [RECORD.id, RECORD.sha256]},
        VALIDATED.as_posix(): json.loads(ValidatedFiles(now={path.as_posix(): RECORD.sha256}).to_json()),
        REPORT: {"result": result, "caveats": ["not isolated"], "loaded": [["data/x.csv", "ab"]]},
        SAVED: {"end": end, "start_method": "fresh", "started_at": "2026-11-01T00:00:00Z"},
    }


ORIGINALS = {name: (value, shapes(value)) for name, value in originals().items()}


@st.composite
def states(draw: Callable[..., Any]) -> bytes:
    name = draw(st.sampled_from(sorted(ORIGINALS)))
    content = as_json(draw(mutated(*ORIGINALS[name]))).encode("utf-8", "surrogatepass")
    return f"{name}\n".encode() + bytes(content if draw(st.integers(0, 9)) else draw(damaged(content)))


def good() -> Iterator[bytes]:
    for name, (value, _) in ORIGINALS.items():
        yield f"{name}\n{as_json(value)}".encode()


def read(content: bytes, root: Path) -> None:
    first, _, text = content.partition(b"\n")
    name = first.decode()
    assert name in ORIGINALS
    if name == REPORT:
        (root / name).write_bytes(text)
        try:
            read_report(root / name)
        except ValueError as reason:
            raise _refusal(name, str(reason)) from None
    elif name == SAVED:
        saved = SavedLaunches(root, {})
        saved.directory.mkdir(parents=True)
        (saved.directory / "000.json").write_bytes(text)
        if not saved.read():
            raise _refusal(name, "counts as gone")
    else:
        make_project(root)
        store.write(Layout(root), RECORD)
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(text)
        project = read_project(Layout(root))
        assert set(project.records) == {RECORD.id}
        assert project.ledger <= {RECORD.id}


def _refusal(name: str, reason: str) -> StackdocError:
    return StackdocError([Problem(name, 0, "", reason)])


TARGET = Target("state", states(), good, read)
