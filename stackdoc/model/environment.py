"""A named environment: the locked packages of the examples that can't share the project's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Environment:
    """`name` is that of its directory below `examples/environments/`; `digest` is the SHA-256 over lock and options.

    `packages` are the lines of the lock, `no_deps` and `no_build_isolation` what a lock can't hold: packages that are
    installed after it without what they declare to need, or built with what is there. `python` is a version (`3.12`,
    or `3.12.4` where no other will do; empty: that of stackdoc), `needs` are programs by the names that examples use
    for them, `debian` the packages that have them.
    """

    name: str
    digest: str
    packages: tuple[str, ...]
    summary: str = ""
    python: str = ""
    no_deps: tuple[str, ...] = ()
    no_build_isolation: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    debian: tuple[str, ...] = ()


@dataclass(frozen=True)
class Made:
    """What this checkout has of an environment. `lack` says in words why it can't be used, and is empty when it can.

    `packages` are those installed, by normalised name, read from their files; `devices` the kinds that its torch
    can use here.
    """

    name: str
    lack: str
    interpreter: str = ""
    python: str = ""
    packages: Mapping[str, str] = field(default_factory=dict)
    devices: frozenset[str] = frozenset({"cpu"})


@dataclass(frozen=True)
class Creation:
    """What it took to make an environment once: measured by `stackdoc env create`, never written by hand.

    `digest` is that of the Environment; `machine` the id of the machine, `hardware` its name for people; `seconds` run
    from an empty directory to the last package, with or without `downloaded`: true when no package came from a
    local cache. `size_bytes` is what it took on disk, `packages` how many were installed, `tool` what did it.
    """

    environment: str
    digest: str
    machine: str
    hardware: str
    date: str
    seconds: float
    size_bytes: int
    packages: int
    python: str
    tool: str
    downloaded: bool
