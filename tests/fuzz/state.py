"""Files that a build or a launch left, of which any may be damaged or forged: they are refused or count as gone.

The first line of an input names the file.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from stackdoc.errors import Problem, StackdocError
from stackdoc.model.record import Record
from stackdoc.plan.project import read_project
from stackdoc.project import DIGESTS, LEDGER, SIGNATURES, SUMMARIES, Layout
from stackdoc.records import store, summaries
from stackdoc.records.vouched import vouch
from stackdoc.run.process.report import read_report
from stackdoc.run.resume import SavedLaunches
from stackdoc.statistics.condensed import Content
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
    content, controls = summaries.condensed_content(RECORD), summaries.condensed_controls(RECORD)
    packed = {
        "content": summaries.packed(Content, content),
        "controls": summaries.packed(summaries.CONTROLS, controls),
        "head": summaries.packed(Record, replace(RECORD, points=(), ratios=(), outputs=(), controls=())),
    }
    return {
        LEDGER.as_posix(): {"schema": "stackdoc.ledger/1", "records": [RECORD.id, RECORD.sha256]},
        SUMMARIES.as_posix(): {name: json.loads(zlib.decompress(data)) for name, data in packed.items()},
        DIGESTS.as_posix(): {"by": "other code", "known": {f"{'0' * 64} .py": "1" * 64}},
        SIGNATURES.as_posix(): {"0" * 64: {"state": "signed by a known key", "signer": "a", "key": "b", "reason": ""}},
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
        if name == SIGNATURES.as_posix():
            sign_list(root)
        (root / name).parent.mkdir(exist_ok=True)
        if name == SUMMARIES.as_posix():
            write_summaries(root, text)
        else:
            (root / name).write_bytes(text)
        for summarised in (False, True):
            project = read_project(Layout(root), summarised=summarised)
            assert set(project.records) == {RECORD.id}
            assert all(record.sha256 == RECORD.sha256 for record in project.records.values())
            _ = [(record.points, record.controls) for record in project.records.values()]
        assert project.ledger <= {RECORD.id}


def sign_list(root: Path) -> None:
    """Make a list of vouched records with what is no signature, so that what is known of signatures is read."""
    vouch(Layout(root), [])
    (root / Layout(root).vouched_signature).write_bytes(b"-----BEGIN SSH SIGNATURE-----\n")


def write_summaries(root: Path, text: bytes) -> None:
    """Put what an input says of the record into the database, or make the input the database if it says nothing."""
    read_project(Layout(root), summarised=True)
    try:
        parts = {name: zlib.compress(json.dumps(value).encode()) for name, value in json.loads(text).items()}
    except (ValueError, RecursionError, AttributeError):
        (root / SUMMARIES).write_bytes(text)
        return
    with closing(sqlite3.connect(root / SUMMARIES)) as connection, connection:
        connection.execute("UPDATE files SET read_ns = read_ns + ?", (2 * summaries.RECENT_NS,))  # as if long ago
        connection.execute("UPDATE files SET head = ?", (parts.get("head"),))
        connection.execute("UPDATE contents SET content = ?", (parts.get("content"),))
        connection.execute("UPDATE contents SET controls = ?", (parts.get("controls"),))


def _refusal(name: str, reason: str) -> StackdocError:
    return StackdocError([Problem(name, 0, "", reason)])


TARGET = Target("state", states(), good, read)
