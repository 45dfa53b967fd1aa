"""Keeping what it took to make an environment, for the pages."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict

from stackdoc.errors import Problem, StackdocError
from stackdoc.examples.environments import read_creations
from stackdoc.files import write_atomically
from stackdoc.model.environment import Creation
from stackdoc.project import Layout

HEAD = "# Sizes and times, written by `stackdoc env list --keep` from what `stackdoc env create` measured.\n"


def keep(layout: Layout, creations: Iterable[Creation], environments: Iterable[str]) -> tuple[Creation, ...]:
    """Writes them to the file, each in place of an older one of its environment and machine; gives all that are there.

    Those of environments that are gone go too. Raises StackdocError when the file is not well formed.
    """
    problems: list[Problem] = []
    known = frozenset(environments)
    found = {(one.environment, one.machine): one for one in read_creations(layout, problems, known)}
    problems = [one for one in problems if "unknown environment" not in one.message]
    if problems:
        raise StackdocError(problems)
    found |= {(one.environment, one.machine): one for one in creations}
    kept = tuple(one for _, one in sorted(found.items()) if one.environment in known)
    if kept:
        write_atomically(layout / layout.collection("environments"), (HEAD + "".join(map(_entry, kept))).encode())
    else:
        (layout / layout.collection("environments")).unlink(missing_ok=True)
    return kept


def _entry(one: Creation) -> str:
    """An entry as YAML: each value as JSON has it."""
    lines = [f"{name}: {json.dumps(value)}" for name, value in asdict(one).items()]
    return "- " + "\n  ".join(lines) + "\n"
