"""Bring the records of this checkout up to date: plan, run the examples that are due, store the valid records."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from filelock import FileLock, Timeout

from stackdoc.errors import Problem, StackdocError
from stackdoc.plan.plan import Decision, Profile
from stackdoc.plan.project import Project
from stackdoc.project import MEASURING_LOCK, Layout, make_state_folder
from stackdoc.run.process.limits import Limits
from stackdoc.run.progress import NoProgress, Progress, RunEnded
from stackdoc.run.result import ExampleResult, RunSummary
from stackdoc.run.resume import StartMethod
from stackdoc.run.session import Session
from stackdoc.run.situation import assess

LOCK_OWNER = MEASURING_LOCK.with_suffix(".json")  # the process that has the lock, for messages only


def bring_up_to_date(
    project: Project,
    *,
    profile: Profile = "quick",
    patterns: Sequence[str] = (),
    devices: Sequence[str] = (),
    again: bool = False,
    environments: Sequence[str] = (),
    progress: Progress | None = None,
    limits: Limits | None = None,
    start_method: StartMethod = "forked",
    minutes: float | None = None,
    priorities: Mapping[str, int] | None = None,
    commit: str = "",
    repeats: str | None = None,
    stoppable: bool = False,
) -> RunSummary:
    """Run every example whose record of this machine is missing or stale, one timed launch at a time.

    `patterns` select examples by shell patterns of their ids or by directories; `environments` selects those of the
    named environments; `devices` restricts the devices. Each selects everything when empty. `again` also runs fresh
    examples. `start_method` "forked" forks launches from warm processes where possible. An interrupted run is resumed.

    Examples run in groups by their `priorities`, the lowest first. With `minutes`, no group is started that would take
    longer; its examples are decided to be skipped, and the next run measures them. A `stoppable` run ends in the same
    way at Ctrl-C or when the process is terminated, and returns what was measured by then. `commit` is that of a copy
    without git. `repeats` is the digest of the record that the new ones repeat.

    Each new record is on disk and in the ledger as soon as its example ends. An example that fails raises nothing.
    Raises StackdocError when a pattern matches no example, when an environment is unknown, and while another run
    measures in this checkout.
    """
    situation = assess(
        project, profile=profile, patterns=patterns, devices=devices, again=again, environments=environments
    )
    if not situation.due:
        return RunSummary(situation.decisions, (), situation.problems)
    with measuring_lock(project.layout):
        session = Session(
            situation,
            profile,
            progress or NoProgress(),
            limits or Limits(),
            start_method,
            allowed_seconds=None if minutes is None else 60 * minutes,
            priorities=priorities,
            commit=commit,
            repeats=repeats,
        )
        results = tuple(_until_stopped(session) if stoppable else session.run())
    decisions = tuple(_decided(decision, session.left_out) for decision in situation.decisions)
    return RunSummary(decisions, results, situation.problems)


def _until_stopped(session: Session) -> Iterator[ExampleResult]:
    """Yield the results of a run until it ends or is stopped; what it had not finished is left out."""
    finished: set[tuple[str, str]] = set()
    try:
        for result in session.run():
            finished.add((result.example, result.device))
            yield result
    except (KeyboardInterrupt, SystemExit):
        waiting = {(job.example.id, job.device) for job in session.jobs} - finished
        session.left_out |= dict.fromkeys(waiting, "the run was stopped; the next run measures it")
        session.progress.event(RunEnded(len(waiting)))


def _decided(decision: Decision, left_out: Mapping[tuple[str, str], str]) -> Decision:
    """Return the decision, changed to a skip if the example was left out."""
    reason = left_out.get((decision.example, decision.device))
    return replace(decision, action="skip", reason=f"skipped: {reason}") if reason else decision


@contextmanager
def measuring_lock(layout: Layout) -> Iterator[None]:
    """Keep other runs out of this checkout, since timed launches would disturb each other.

    The operating system releases the lock when the process dies. Raises StackdocError if another run has it.
    """
    lock = FileLock(layout / MEASURING_LOCK)
    try:
        make_state_folder(layout.root)
        lock.acquire(timeout=0)
        since = datetime.now().astimezone().strftime("%H:%M")
        (layout / LOCK_OWNER).write_text(json.dumps({"pid": os.getpid(), "since": since}), encoding="utf-8")
    except Timeout:
        message = f"another run{_owner(layout)} is measuring in this checkout"
        raise StackdocError([Problem(MEASURING_LOCK.as_posix(), 0, "", message, "wait for it to end")]) from None
    except OSError as error:
        problem = Problem(MEASURING_LOCK.as_posix(), 0, "", f"can't be written: {error.strerror or error}")
        raise StackdocError([problem]) from None
    try:
        yield
    finally:
        (layout / LOCK_OWNER).unlink(missing_ok=True)
        lock.release()


def _owner(layout: Layout) -> str:
    """Describe the process that has the lock; empty if unknown."""
    try:
        owner = json.loads((layout / LOCK_OWNER).read_text(encoding="utf-8"))
        return f" (pid {int(owner['pid'])}, since {owner['since']:.5})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""
