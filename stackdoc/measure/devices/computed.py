"""The device that computes, as torch and its libraries name it: what a record says was measured."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

from stackdoc.machine.backends import Backend, backend_of, built_for, part_of
from stackdoc.model.device import Computed

TRITON = ("triton", "pytorch-triton", "pytorch-triton-rocm", "pytorch-triton-xpu")
MAPS = Path("/proc/self/maps")
MAJOR, MINOR, PATCH = range(3)  # as cublasGetProperty counts them


def computed_by(torch: Any, device: str) -> Computed | None:
    """The current device of that kind; None where this torch was built for none, so that nothing computed on it."""
    backend = backend_of(torch, device)
    if backend is None:
        return None
    module = part_of(torch, backend.module)
    properties = module.get_device_properties() if hasattr(module, "get_device_properties") else None
    name = str(getattr(properties, "name", backend.label))
    return Computed(
        backend=backend.name,
        name=name,
        build=built_for(torch, backend).replace("yes", ""),
        architecture=_architecture(properties),
        memory_bytes=int(getattr(properties, "total_memory", 0)),
        units=int(getattr(properties, "multi_processor_count", 0) or getattr(properties, "max_compute_units", 0)),
        index=int(module.current_device()) if hasattr(module, "current_device") else 0,
        visible=int(module.device_count()) if hasattr(module, "device_count") else 1,
        slice=name.partition(" MIG ")[2],
        libraries=tuple((name, version) for name, version in _libraries(torch, backend) if version),
    )


def _architecture(properties: Any) -> str:
    """`gfx942` of AMD's devices, whose names torch follows by their features; `sm_90` of NVIDIA's."""
    if gcn := str(getattr(properties, "gcnArchName", "")):
        return gcn.partition(":")[0]
    major, minor = getattr(properties, "major", None), getattr(properties, "minor", None)
    return "" if major is None or minor is None else f"sm_{major}{minor}"


def _libraries(torch: Any, backend: Backend) -> Iterator[tuple[str, str]]:
    if backend.name == "cuda":
        yield "cublas", cublas_version()
    if backend.device == "cuda":
        counted = part_of(torch, "backends.cudnn.version")
        yield "cudnn" if backend.name == "cuda" else "miopen", _dotted(counted() if callable(counted) else None)
    yield "triton", next(filter(None, map(_installed, TRITON)), "")


def _dotted(number: int | None) -> str:
    """`9.1.0` from 90100; before 9 a version had one digit less."""
    if not number:
        return ""
    thousand = 10_000 if number >= 90_000 else 1_000
    return f"{number // thousand}.{number % thousand // 100}.{number % 100}"


def cublas_version(maps: Path = MAPS) -> str:
    """What the cuBLAS that this process has loaded says of itself; empty without one."""
    try:
        match = re.search(r"(?m) (/\S*libcublas\.so[\d.]*)$", maps.read_text(encoding="utf-8", errors="replace"))
        library = ctypes.CDLL(match[1]) if match else None
    except OSError:
        return ""
    number, parts = ctypes.c_int(), []
    for which in (MAJOR, MINOR, PATCH):
        if library is None or library.cublasGetProperty(which, ctypes.byref(number)):
            return ""
        parts.append(str(number.value))
    return ".".join(parts)


def _installed(package: str) -> str:
    try:
        return version_of(package)
    except PackageNotFoundError:
        return ""
