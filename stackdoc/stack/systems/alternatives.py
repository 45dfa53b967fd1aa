"""A page that compares alternatives: systems that do the same job on one layer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Alternatives:
    """`id` is the name of its file in `docs/alternatives/`; `systems` are the ids of those compared."""

    id: str
    title: str
    systems: tuple[str, ...] = ()
