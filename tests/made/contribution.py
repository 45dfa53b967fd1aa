"""A project in a repository of git with one record of its own, and a clone whose owner has measured the same again."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from stackdoc.model.record import Launch, Record
from stackdoc.plan.project import Project, read_project
from stackdoc.project import Layout
from stackdoc.records.identity import with_id
from stackdoc.records.ledger import enter
from stackdoc.records.store import record_path, write
from stackdoc.records.vouched import vouch
from stackdoc.run.measuring import bring_up_to_date
from stackdoc.run.repetition import repeat
from tests.made.git_repository import committed, git
from tests.made.once import Once
from tests.made.scripts import FAST, GOOD, written

EXAMPLE = "kernels/good"
SHORT = "kernels/good/short"  # measured in one launch; its id begins like the other


@dataclass(frozen=True)
class Scene:
    """`ours` is the project's checkout, with a record of each example; `theirs` is a clone, with one more.

    That is `again`, which repeats `own`; `short` is the project's record of the other example.
    """

    ours: Path
    theirs: Path
    own: Record
    short: Record
    again: Record

    @property
    def file(self) -> str:
        """The file of `again`, relative to the root."""
        return record_path(Layout(self.theirs), self.again).as_posix()


def scene(once: Once, place: Path) -> Scene:
    """A copy below `place`, to be changed; the clone's `origin` is the copy of the project."""
    made = once.made("contribution", _make)
    for name in ("ours", "theirs"):
        shutil.copytree(made / name, place / name, symlinks=True)
    git(place / "theirs", "remote", "set-url", "origin", str(place / "ours"))
    own = {record.example: record for record in project(place / "ours").records.values()}
    (again,) = (record for record in project(place / "theirs").records.values() if record.repeats)
    return Scene(place / "ours", place / "theirs", own[EXAMPLE], own[SHORT], again)


def project(root: Path) -> Project:
    return read_project(Layout(root))


def _make(place: Path) -> None:
    ours, theirs = place / "ours", place / "theirs"
    ours.mkdir(parents=True)
    written(ours, EXAMPLE, GOOD, launches="6")
    written(ours, SHORT, GOOD, launches="1")
    (ours / ".gitignore").write_text(".stackdoc/\n")
    committed(ours, "Add examples")
    records = [result.record for result in bring_up_to_date(project(ours), limits=FAST).results]
    own = {record.example: _undisturbed(ours, record) for record in records if record}
    vouch(Layout(ours), own.values())
    committed(ours, "Measure them")
    git(place, "clone", "--quiet", str(ours), str(theirs))
    (result,) = repeat(project(theirs), own[EXAMPLE], limits=FAST).results
    assert result.record is not None, result.outcome
    _undisturbed(theirs, result.record)


def _undisturbed(root: Path, record: Record) -> Record:
    """Put the record in its place as if nothing else had run, so that its figures can be compared on a busy machine."""
    layout = Layout(root)
    points = (replace(point, launches=tuple(map(_clean, point.launches))) for point in record.points)
    made = with_id(replace(record, points=tuple(points)))
    if made.id != record.id:
        (root / record_path(layout, record)).unlink()
    write(layout, made)
    enter(layout, [made])
    return made


def _clean(launch: Launch) -> Launch:
    return replace(launch, cpu_ns=launch.wall_ns, switches=(0,) * len(launch.wall_ns), psi=0.0)
