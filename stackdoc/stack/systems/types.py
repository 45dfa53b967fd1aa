"""A system that the sources name: a product, library, technique or thing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

# Sets of packages that resolve together. One without a directory under `examples/environments/` is planned;
# `alone` is an environment that nothing else can share.
PLANNED = ("low", "data", "llm", "apps", "mlops", "airflow", "cloud", "serve-vllm", "alone")
DAY = re.compile(r"(\d{4})-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?")


@dataclass(frozen=True)
class Status:
    """`state` is active, maintenance, archived or hosted, as last seen on `as_of` (`2026-11` or `2026-11-23`).

    `source` names the document that says so, with its address where it has one.
    """

    state: Literal["active", "maintenance", "archived", "hosted"]
    as_of: str
    source: str


@dataclass(frozen=True)
class System:
    """`mentions` are qualified source layers; `layer` is its primary place, `also` the others, for the `reason` given.

    `purpose` is one sentence. `home` is where its makers describe it, empty for what nobody makes or maintains;
    `licence` is an SPDX expression, or `proprietary`. `examples` run it; `runs` says why none does, and `environment`
    names the packages with which one would. `compared`: no source names it, and it stands here for a comparison.
    `linked` are the words that lead to its page where running text has them: its name and aliases, if it says nothing.
    """

    id: str
    name: str
    kind: str
    subkind: str = ""
    layer: str = ""
    also: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    homonym_of: str = ""
    note: str = ""
    status: Status | None = None
    examples: tuple[str, ...] = ()
    runs: str = ""
    purpose: str = ""
    home: str = ""
    licence: str = ""
    aliases: tuple[str, ...] = ()
    reason: str = ""
    environment: str = ""
    compared: bool = False
    linked: tuple[str, ...] | None = None

    @property
    def said(self) -> tuple[str, ...]:
        """What running text calls it; what the name has in brackets is no part of that."""
        return (re.sub(r" ?\([^)]*\)", "", self.name), *self.aliases) if self.linked is None else self.linked


def outdated(systems: Iterable[System], newest: str = "") -> Iterator[tuple[System, str]]:
    """Systems whose state was last seen more than a year before `newest`, or before the newest state of any.

    Each comes with the date that it is held against. No clock is asked, so the same files give the same answer.
    """
    found = [(system, system.status.as_of) for system in systems if system.status]
    newest = max([newest, *(as_of for _, as_of in found)], default="")
    if not DAY.match(newest):
        return
    year_before = f"{int(newest[:4]) - 1:04}{newest[4:]}"
    for system, as_of in found:
        if as_of < year_before[: len(as_of)]:
            yield system, newest
