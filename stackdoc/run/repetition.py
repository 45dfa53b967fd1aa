"""Runs the example of a record again: its source, its profile and its device, on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from stackdoc.errors import Problem, StackdocError
from stackdoc.git import checked_out, has_commit, is_ancestor
from stackdoc.model.example import Example
from stackdoc.model.record import Record
from stackdoc.plan.project import Project, read_project, with_loaded
from stackdoc.project import MADE_ENVIRONMENTS, Layout, make_state_folder
from stackdoc.records import ledger, store
from stackdoc.run.measuring import bring_up_to_date, measuring_lock
from stackdoc.run.process.limits import Limits
from stackdoc.run.progress import Progress
from stackdoc.run.result import RunSummary


def repeat(
    project: Project,
    record: Record,
    *,
    progress: Progress | None = None,
    limits: Limits | None = None,
    minutes: float | None = None,
    commit: str = "",
) -> RunSummary:
    """Run the record's example with its source, profile and device, and store a record that names it.

    The files of the checkout are used if they have that source, else those of the record's commit, checked out beside
    them. Raises StackdocError if neither has it, and like `bring_up_to_date`.
    """
    with _project_of(project, record) as there:
        summary = bring_up_to_date(
            there,
            profile=record.profile,
            patterns=(record.example,),
            devices=(record.device,),
            again=True,
            progress=progress,
            limits=limits,
            start_method=record.launched,
            minutes=minutes,
            commit=commit,
            repeats=record.sha256,
        )
    if there.layout != project.layout:
        made = [result.record for result in summary.results if result.record]
        for new in made:
            store.write(project.layout, new)
        ledger.enter(project.layout, made)
    return summary


@contextmanager
def _project_of(project: Project, record: Record) -> Iterator[Project]:
    """Yield a project whose files have the record's source, with only its example and the one of the roofs."""
    if project.problems:
        raise StackdocError(project.problems)
    current = with_loaded(project.layout, project.examples, [record]).get(record.example)
    if _has_source(current, record):
        yield _only(project, record)
        return
    if why := _unusable(project, record):
        raise StackdocError([why])
    with measuring_lock(project.layout), checked_out(project.layout.root, record.commit) as root:
        if root is None:
            raise StackdocError([_problem(record, f"commit {record.commit[:12]} can't be checked out")])
        there = read_project(replace(project.layout, root=root), project.records)
        if not _has_source(with_loaded(there.layout, there.examples, [record]).get(record.example), record):
            raise StackdocError([_problem(record, f"commit {record.commit[:12]} does not have the source that ran")])
        _share_environments(project.layout, there.layout)
        files = {name: getattr(there, name) for name in ("layout", "examples", "environments")}
        yield _only(replace(project, **files), record)


def _share_environments(ours: Layout, theirs: Layout) -> None:
    """Let a temporary copy use the environments of this checkout; without them its example is skipped."""
    with suppress(OSError):
        make_state_folder(theirs.root)
        (theirs / MADE_ENVIRONMENTS).symlink_to(ours / MADE_ENVIRONMENTS)


def _only(project: Project, record: Record) -> Project:
    examples = {id: example for id, example in project.examples.items() if id == record.example or example.roofs}
    return replace(project, examples=examples)


def _has_source(example: Example | None, record: Record) -> bool:
    return example is not None and example.matches(record.digest, record.closure)


def _unusable(project: Project, record: Record) -> Problem | None:
    """Return why the record's commit can't be used, and what to do. Code that nobody here has merged is not run."""
    root, commit = project.layout.root, record.commit
    if record.dirty or not commit:
        return _problem(record, "was measured from files that no commit has, and they have changed since")
    if not has_commit(root, commit):
        hint = f"fetch it, by `git fetch origin {commit}`, look at it and check it out"
        return _problem(record, f"was measured at commit {commit[:12]}, which is not known here", hint)
    if not is_ancestor(root, commit):
        hint = f"look at it, and check it out by `git switch --detach {commit}`"
        return _problem(record, f"was measured at commit {commit[:12]}, which is not part of the history here", hint)
    return None


def _problem(record: Record, message: str, hint: str = "") -> Problem:
    return Problem(f"record {record.id}", 0, record.example, message, hint)
