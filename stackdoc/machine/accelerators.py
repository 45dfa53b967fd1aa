"""The accelerators that drivers list: NVIDIA's by their program, AMD's by their files. Imports no framework."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from stackdoc.model.machine import Accelerator

MIB = 1 << 20
GIB = 1 << 30
ROW = re.compile(r"(?P<name>.+?), *(?P<memory>\d+|\[?N/A\]?), *(?P<capability>\d+\.\d+|\[?N/A\]?)")
SLICE = re.compile(r"\s+MIG (?P<profile>(?P<compute>\d+)[cg.\d]*\.(?P<memory>\d+)gb\S*)\s+Device")


def accelerators(root: Path = Path("/")) -> tuple[Accelerator, ...]:
    """Identical ones counted, none where there is no driver."""
    return counted((*nvidia(), *amd(root)))


def counted(found: Iterable[Accelerator]) -> tuple[Accelerator, ...]:
    """Each kind once, with its number."""
    return tuple(replace(one, count=count) for one, count in sorted_kinds(Counter(found)))


def sorted_kinds(kinds: Counter[Accelerator]) -> list[tuple[Accelerator, int]]:
    return sorted(kinds.items(), key=lambda pair: (pair[0].name, pair[0].memory_gib))


def nvidia() -> tuple[Accelerator, ...]:
    """What `nvidia-smi` lists; it comes with the driver and needs no Python package."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    whole = read_nvidia_smi(
        _said(program, "--query-gpu=name,memory.total,compute_cap", "--format=csv,noheader,nounits")
    )
    return tuple(in_slices(whole, _said(program, "-L"))) if whole else ()


def _said(*command: str) -> str:
    """What the program prints; nothing where it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def read_nvidia_smi(listing: str) -> tuple[Accelerator, ...]:
    """One device a line: name, memory in MiB, compute capability.

    A part that shares the processor's memory has no memory to state, an old driver no capability: 0 and empty then.
    """
    rows = (ROW.fullmatch(line.strip()) for line in listing.splitlines())
    return tuple(_accelerator(row["name"], row["memory"], row["capability"]) for row in rows if row)


def _accelerator(name: str, memory: str, capability: str) -> Accelerator:
    gib = round(int(memory) * MIB / GIB) if memory.isdigit() else 0
    major, dot, minor = capability.partition(".")
    return Accelerator(name, f"sm_{major}{minor}" if dot else "", gib)


def in_slices(whole: Iterable[Accelerator], listing: str) -> Iterator[Accelerator]:
    """Each device as its slices where it is divided, by `nvidia-smi -L`: a process can use no more than one of them."""
    slices: list[list[re.Match[str]]] = []
    for line in listing.splitlines():
        if line.startswith("GPU "):
            slices.append([])
        elif slices and (match := SLICE.match(line)):
            slices[-1].append(match)
    devices = list(whole)
    for index, device in enumerate(devices):
        parts = slices[index] if len(slices) == len(devices) else []
        for part in parts:
            yield replace(device, name=f"{device.name} MIG {part['profile']}", memory_gib=int(part["memory"]))
        if not parts:
            yield device


def amd(root: Path) -> tuple[Accelerator, ...]:
    """The compute nodes of the kernel's amdkfd driver."""
    found = []
    for place in sorted((root / "sys/class/kfd/kfd/topology/nodes").glob("*")):
        node = _numbers(place / "properties")
        if target := node.get("gfx_target_version", 0):
            name = f"gfx{target // 10000}{target // 100 % 100:x}{target % 100:x}"
            banks = (place / "mem_banks").glob("*/properties")
            memory = sum(_numbers(bank).get("size_in_bytes", 0) for bank in banks)
            units = node.get("simd_count", 0) // max(node.get("simd_per_cu", 4), 1)
            found.append(Accelerator(f"AMD {name}", name, round(memory / GIB), units=units))
    return tuple(found)


def _numbers(path: Path) -> dict[str, int]:
    try:
        pairs = (line.split() for line in path.read_text(encoding="ascii").splitlines())
        return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}
    except OSError:
        return {}
