"""Ten ways to forge a record, for a small project with one record of its own in a repository of git."""

from __future__ import annotations

import dataclasses
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from stackdoc.adapters.registered import load_site
from stackdoc.model.record import Record
from stackdoc.project import LEDGER, SUMMARIES, Layout
from stackdoc.records import store
from stackdoc.records.identity import with_id
from stackdoc.records.vouched import vouch
from tests.made.project import make_project
from tests.made.records import MACHINE, made_record

EXAMPLE = "pot/boiling"
TIME = "3.00 µs"  # that the project's own record has


def made(root: Path, nanoseconds: int, **changes: object) -> Record:
    """A record of the project's example in its present state, of a few launches that took that long."""
    example = load_site(root).examples[EXAMPLE]
    point = made_record().points[0]
    launches = tuple(
        dataclasses.replace(point.launches[0], index=index, wall_ns=(nanoseconds + index,) * 8, cpu_ns=(), switches=())
        for index in range(9)
    )
    point = dataclasses.replace(point, name="boil", parameters=(), launches=launches)
    values = {"example": EXAMPLE, "digest": example.digest, "closure": example.closure, "points": (point,)}
    return made_record(**{**values, **changes})


def make_kitchen(root: Path) -> Record:
    """Make the project with its record, which it vouches for, and return that."""
    make_project(root)
    ours = made(root, 3_000)
    store.write(Layout(root), ours)
    vouch(Layout(root), [ours])
    subprocess.run(["git", "init", "--quiet", root], check=True)
    subprocess.run(["git", "-C", root, "add", "docs"], check=True)
    return ours


def added(root: Path, record: Record) -> None:
    path = root / store.record_path(Layout(root), record)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(store.file_content(record))


def later(root: Path) -> None:
    added(root, made(root, 1, measured_at="2026-11-01T00:00:00Z", profile="full"))


def far_future(root: Path) -> None:
    added(root, made(root, 1, measured_at="2099-01-01T00:00:00Z", profile="full"))


def named_here(root: Path) -> None:
    added(root, made(root, 1, machine=dataclasses.replace(MACHINE, id="here")))


def on_a_better_machine(root: Path) -> None:
    added(root, made(root, 1, machine=dataclasses.replace(MACHINE, id="a-first-of-all"), profile="full"))


def committed_ledger(root: Path) -> None:
    record = made(root, 1, measured_at="2026-11-01T00:00:00Z")
    added(root, record)
    (root / LEDGER).parent.mkdir(exist_ok=True)
    (root / LEDGER).write_text(json.dumps({"schema": "stackdoc.ledger/1", "records": [record.id, record.sha256]}))
    subprocess.run(["git", "-C", root, "add", "--force", LEDGER], check=True)


def edited(root: Path) -> None:
    for path in (root / "docs/records").rglob("*.json"):
        path.write_bytes(path.read_bytes().replace(b"3000", b"1000"))


def edited_with_a_cache(root: Path) -> None:
    store.read_all(Layout(root), [])
    edited(root)
    subprocess.run(["git", "-C", root, "add", "--force", SUMMARIES], check=True)


def first_form_of_ours(root: Path) -> None:
    ours = made(root, 3_000)
    added(root, dataclasses.replace(ours, id=ours.sha256[:12], sha256=""))


def false_digest(root: Path) -> None:
    ours, theirs = made(root, 3_000), made(root, 1, measured_at="2026-11-01T00:00:00Z")
    added(root, dataclasses.replace(theirs, sha256=ours.sha256))


def of_other_points(root: Path) -> None:
    record = made(root, 1, measured_at="2026-11-01T00:00:00Z", profile="full")
    added(root, with_id(dataclasses.replace(record, points=(dataclasses.replace(record.points[0], name="freeze"),))))


FORGERIES: tuple[Callable[[Path], None], ...] = (
    later,
    far_future,
    named_here,
    on_a_better_machine,
    committed_ledger,
    edited,
    edited_with_a_cache,
    first_form_of_ours,
    false_digest,
    of_other_points,
)
