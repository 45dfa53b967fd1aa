"""A project in a repository of git with one measured record of its own, and a clone whose owner has repeated it."""

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
from tests.made.scripts import FAST, GOOD, written


@dataclass(frozen=True)
class Scene:
    """`ours` is the project's checkout, with the record `own`; `theirs` is a clone, with `again`, which repeats it."""

    ours: Path
    theirs: Path
    own: Record
    again: Record

    @property
    def file(self) -> str:
        """The file of `again`, relative to the root."""
        return record_path(Layout(self.theirs), self.again).as_posix()


def played(place: Path) -> Scene:
    """The scene, measured below `place` in a few seconds."""
    ours, theirs = place / "ours", place / "theirs"
    ours.mkdir()
    written(ours, "kernels/good", GOOD, launches="6")
    (ours / ".gitignore").write_text(".stackdoc/\n")
    committed(ours, "Add an example")
    (result,) = bring_up_to_date(project(ours), limits=FAST).results
    assert result.record is not None, result.outcome
    own = undisturbed(ours, result.record)
    vouch(Layout(ours), [own])
    committed(ours, "Measure it")
    git(place, "clone", "--quiet", str(ours), str(theirs))
    (repeated,) = repeat(project(theirs), own, limits=FAST).results
    assert repeated.record is not None, repeated.outcome
    return Scene(ours, theirs, own, repeated.record)


def project(root: Path) -> Project:
    return read_project(Layout(root))


def copied(scene: Scene, place: Path) -> Scene:
    """A copy of the scene, to be changed; the clone's `origin` is the copy of the project."""
    for name in ("ours", "theirs"):
        shutil.copytree(getattr(scene, name), place / name, symlinks=True)
    git(place / "theirs", "remote", "set-url", "origin", str(place / "ours"))
    return replace(scene, ours=place / "ours", theirs=place / "theirs")


def undisturbed(root: Path, record: Record) -> Record:
    """The record in its place as if nothing else had run, so that its figures can be compared on a busy machine."""
    layout = Layout(root)
    points = tuple(replace(point, launches=tuple(map(clean, point.launches))) for point in record.points)
    made = with_id(replace(record, points=points))
    (root / record_path(layout, record)).unlink()
    write(layout, made)
    enter(layout, [made])
    return made


def clean(launch: Launch) -> Launch:
    return replace(launch, cpu_ns=launch.wall_ns, switches=(0,) * len(launch.wall_ns), psi=0.0)
