"""A system that the sources name: a product, library, technique or thing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

# Environments without a directory in `examples/environments/` are planned; no other system can share `alone`.
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
    """`mentions` are qualified rows of sources; `layer` is the main layer, `also` are others, for the given `reason`.

    `purpose` is one sentence. `home` is the page of its makers, empty if it has none; `licence` is an SPDX expression
    or `proprietary`. `examples` run the system; `runs` explains why none does, and `environment` names the environment
    in which one could. A system that no source names is here only because it is `compared` with others. `linked` are
    the words that link to its page in running text; None means its name and aliases.
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
    def text_names(self) -> tuple[str, ...]:
        """The names of the system in running text, without what its name has in parentheses."""
        return (re.sub(r" ?\([^)]*\)", "", self.name), *self.aliases) if self.linked is None else self.linked


def outdated(systems: Iterable[System], newest: str = "") -> Iterator[tuple[System, str]]:
    """Yield the systems whose state was last checked more than a year before `newest` or the newest state of any.

    Each comes with the date that it is compared with. The clock is not used, so the result depends on the files alone.
    """
    dated = [(system, system.status.as_of) for system in systems if system.status]
    newest = max([newest, *(as_of for _, as_of in dated)], default="")
    if not DAY.match(newest):
        return
    year_before = f"{int(newest[:4]) - 1:04}{newest[4:]}"
    for system, as_of in dated:
        if as_of < year_before[: len(as_of)]:
            yield system, newest
