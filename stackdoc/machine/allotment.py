"""What this process may use of the machine, by its affinity and its control groups, of either version."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from stackdoc.model.machine import Allotment

UNLIMITED_BYTES = 1 << 60  # a limit above it is the kernel's word for none
MOUNT = "sys/fs/cgroup"


def this_allotment(root: Path = Path("/")) -> Allotment:
    """The tightest limits of the groups that this process is in and of those above them."""
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quotas = [*_quotas_v2(root), *_quotas_v1(root)]
    limits = [*_limits(root, "", "memory.max"), *_limits(root, "memory", "memory.limit_in_bytes")]
    quota = min(quotas, default=None)
    return Allotment(
        cpus=cpus,
        quota_cpus=quota if quota is not None and quota < cpus else None,
        memory_bytes=min((limit for limit in limits if 0 < limit < UNLIMITED_BYTES), default=None),
    )


def _quotas_v2(root: Path) -> Iterator[float]:
    for group in _groups(root, ""):
        quota, _, period = _text(group / "cpu.max").partition(" ")
        if quota.isdigit() and period.isdigit() and int(period):
            yield int(quota) / int(period)


def _quotas_v1(root: Path) -> Iterator[float]:
    for group in _groups(root, "cpu"):
        quota, period = (_text(group / f"cpu.cfs_{name}_us") for name in ("quota", "period"))
        if quota.isdigit() and period.isdigit() and int(period):  # -1: none
            yield int(quota) / int(period)


def _limits(root: Path, controller: str, name: str) -> Iterator[int]:
    for group in _groups(root, controller):
        if (text := _text(group / name)).isdigit():
            yield int(text)


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """The directories of this process's group and of all above it; the second version names no controller.

    Within a container the group may be named by its place outside, which is not to be seen: then its own root counts.
    """
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if controller not in controllers.split(","):
            continue
        names = (controllers, controller) if controller else ("unified", "")
        top = next(filter(Path.is_dir, (root / MOUNT / name for name in names)), root / MOUNT)
        group = top / path.strip("/")
        while group.is_relative_to(top):
            yield group
            if group == top:
                break
            group = group.parent


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
