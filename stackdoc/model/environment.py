"""Named environments: the locked packages of examples that can't share the project's own environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Environment:
    """`name` is that of its directory below `examples/environments/`; `digest` is the SHA-256 of lock file and options.

    `packages` are the lines of the lock file. `no_deps` and `no_build_isolation` list packages installed after it,
    without their declared dependencies or without an isolated build. `python` is a version, `3.12` or `3.12.4` (empty:
    that of stackdoc). `needs` are the programs that the examples need, as their headers name them, and `debian` the
    Debian packages that provide these.
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
class Installation:
    """The state of an environment in this checkout; `problem` says why it can't be used and is empty if it can.

    `packages` are the versions installed, by normalised name; `devices` map each
    kind of device that was asked for to the reason why its torch can't use it here, empty if it can.
    """

    name: str
    problem: str
    interpreter: str = ""
    python: str = ""
    packages: Mapping[str, str] = field(default_factory=dict)
    devices: Mapping[str, str] = field(default_factory=lambda: {"cpu": ""})


@dataclass(frozen=True)
class Creation:
    """What creating an environment took: measured by `stackdoc env create`, never written by hand.

    `digest` is that of the Environment, `machine` the machine's id, `hardware` its readable name. `seconds` is the
    time from an empty directory to the last package; `downloaded` is true if no package came from a local cache.
    `size_bytes` is the size on disk, `packages` the number installed, `tool` the installer.
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
