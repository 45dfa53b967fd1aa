"""Bring the records of this checkout up to date: plan, run what is stale, store what came out ok."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from filelock import FileLock, Timeout

from stackdoc.errors import Problem, StackdocError
from stackdoc.plan.plan import Profile
from stackdoc.plan.project import Project
from stackdoc.project import MEASURING_LOCK, Layout
from stackdoc.run.process.limits import Limits
from stackdoc.run.progress import Progress, Silence
from stackdoc.run.result import Result, Summary
from stackdoc.run.resume import Launched
from stackdoc.run.session import Session
from stackdoc.run.situation import situation

__all__ = ["Result", "Summary", "bring_up_to_date"]

OWNER = MEASURING_LOCK.with_suffix(".json")  # who holds it; the lock itself is what counts


def bring_up_to_date(
    project: Project,
    *,
    profile: Profile = "quick",
    patterns: Sequence[str] = (),
    devices: Sequence[str] = (),
    again: bool = False,
    within: Sequence[str] = (),
    progress: Progress | None = None,
    limits: Limits | None = None,
    launched: Launched = "forked",
) -> Summary:
    """Runs every example whose record of this machine is missing or stale, one timed launch at a time.

    `patterns` are shell patterns of example ids or directories of them (none: all), `within` names environments
    (none: all examples, in one or not), `devices` restricts the devices (none: all that the examples declare),
    `again` runs the fresh ones too, `launched` says whether launches are forks of a warm process, where that is
    possible. What an interrupted run has kept is taken over.
    New records are on disk and in the ledger as soon as their example ends. Raises StackdocError
    for a pattern that fits no example and when another run holds the checkout; a failing example
    raises nothing.
    """
    found = situation(project, profile=profile, patterns=patterns, devices=devices, again=again, within=within)
    if not found.due:
        return Summary(found.decisions, (), found.problems)
    with _alone(project.layout):
        session = Session(found, profile, progress or Silence(), limits or Limits(), launched)
        results = tuple(session.run())
    return Summary(found.decisions, results, found.problems)


@contextmanager
def _alone(layout: Layout) -> Iterator[None]:
    """Timed launches of two runs would disturb each other. The lock falls with its process."""
    lock = FileLock(layout / MEASURING_LOCK)
    try:
        (layout / MEASURING_LOCK).parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
        since = datetime.now().astimezone().strftime("%H:%M")
        (layout / OWNER).write_text(json.dumps({"pid": os.getpid(), "since": since}), encoding="utf-8")
    except Timeout:
        message = f"another run{_owner(layout)} is measuring in this checkout"
        raise StackdocError([Problem(MEASURING_LOCK.as_posix(), 0, "", message, "wait for it to end")]) from None
    except OSError as error:
        problem = Problem(MEASURING_LOCK.as_posix(), 0, "", f"can't be written: {error.strerror or error}")
        raise StackdocError([problem]) from None
    try:
        yield
    finally:
        (layout / OWNER).unlink(missing_ok=True)
        lock.release()


def _owner(layout: Layout) -> str:
    """Who holds the lock, as far as it has said."""
    try:
        said = json.loads((layout / OWNER).read_text(encoding="utf-8"))
        return f" (pid {int(said['pid'])}, since {said['since']:.5})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""
