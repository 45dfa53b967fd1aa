"""A page that holds alternatives against each other: systems that do the same job on one layer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Alternatives:
    """`id` is the name of its file below `docs/alternatives/`; `systems` are compared in it, by id."""

    id: str
    title: str
    systems: tuple[str, ...] = ()
