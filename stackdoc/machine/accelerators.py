"""The accelerators, by NVIDIA's management library or by the files of AMD's driver. Imports no framework."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from stackdoc.model.machine import Accelerator

MIB = 1 << 20
GIB = 1 << 30


def accelerators(root: Path = Path("/")) -> tuple[Accelerator, ...]:
    """Identical ones counted, none where there is no driver."""
    return counted((*nvidia(), *amd(root)))


def counted(found: Iterable[Accelerator]) -> tuple[Accelerator, ...]:
    """Each kind once, with its number."""
    return tuple(
        Accelerator(one.name, one.architecture, one.memory_gib, count) for one, count in sorted_kinds(Counter(found))
    )


def sorted_kinds(kinds: Counter[Accelerator]) -> list[tuple[Accelerator, int]]:
    return sorted(kinds.items(), key=lambda pair: (pair[0].name, pair[0].memory_gib))


def nvidia() -> tuple[Accelerator, ...]:
    """What `nvidia-smi` lists; it comes with the driver and needs no Python package."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    query = (program, "--query-gpu=name,memory.total,compute_cap", "--format=csv,noheader,nounits")
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return read_nvidia_smi(done.stdout) if done.returncode == 0 else ()


def read_nvidia_smi(listing: str) -> tuple[Accelerator, ...]:
    """One device a line: name, memory in MiB, compute capability."""
    rows = (re.fullmatch(r"(.+?), *(\d+), *(\d+)\.(\d+)", line.strip()) for line in listing.splitlines())
    return tuple(Accelerator(row[1], f"sm_{row[3]}{row[4]}", round(int(row[2]) * MIB / GIB)) for row in rows if row)


def amd(root: Path) -> tuple[Accelerator, ...]:
    """The compute nodes of the kernel's amdkfd driver."""
    found = []
    for place in sorted((root / "sys/class/kfd/kfd/topology/nodes").glob("*")):
        node = _numbers(place / "properties")
        if target := node.get("gfx_target_version", 0):
            name = f"gfx{target // 10000}{target // 100 % 100:x}{target % 100:x}"
            banks = (place / "mem_banks").glob("*/properties")
            memory = sum(_numbers(bank).get("size_in_bytes", 0) for bank in banks)
            found.append(Accelerator(f"AMD {name}", name, round(memory / GIB)))
    return tuple(found)


def _numbers(path: Path) -> dict[str, int]:
    try:
        pairs = (line.split() for line in path.read_text(encoding="ascii").splitlines())
        return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}
    except OSError:
        return {}
