"""The back ends that compute besides the processor, one entry each: everything that differs between them.

A new back end is an entry here and, where stackdoc should find its devices without torch, a function in `accelerators`.
Nothing here imports torch; functions that ask torch are given it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

PROCESSOR = "cpu"


@dataclass(frozen=True)
class Backend:
    """`device` is torch's name for its devices, which examples declare and records hold; two back ends may share one.

    `built` is where torch says for which version of the runtime it was built: a path below torch to a value, or to a
    function that returns one; false or absent where it was not built for this back end. `module` is the part of torch
    that waits for the device, `events` the part that has its time stamps. `driver` is a file of the kernel and a
    pattern whose first group is the driver's version. `variables` select code and are recorded, `lists` choose devices
    and are recorded as a count, `places` hold paths and are only passed on.
    """

    name: str
    device: str
    label: str
    built: str
    module: str
    events: str
    driver: tuple[str, str] = ("", "")
    variables: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


BACKENDS = (
    Backend(
        name="cuda",
        device="cuda",
        label="CUDA",
        built="version.cuda",
        module="cuda",
        events="cuda",
        driver=("proc/driver/nvidia/version", r"Kernel Module\s+(?:for \S+\s+)?(\d[\d.]+)"),
        variables=(
            *("CUDA_DEVICE_ORDER", "CUDA_MODULE_LOADING", "PYTORCH_ALLOC_CONF", "PYTORCH_CUDA_ALLOC_CONF"),
            "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE",
        ),
        lists=("CUDA_VISIBLE_DEVICES",),
        places=(
            *("CUDA_HOME", "CUDA_PATH", "CUDA_CACHE_PATH", "CUDA_MPS_PIPE_DIRECTORY", "CUDA_MPS_LOG_DIRECTORY"),
            "NVIDIA_VISIBLE_DEVICES",
        ),
    ),
    Backend(
        name="rocm",
        device="cuda",
        label="ROCm",
        built="version.hip",
        module="cuda",
        events="cuda",
        driver=("sys/module/amdgpu/version", r"(\d[\d.]+)"),
        variables=("HSA_OVERRIDE_GFX_VERSION", "PYTORCH_HIP_ALLOC_CONF"),
        lists=("HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"),
        places=("ROCM_PATH", "HIP_PATH"),
    ),
    Backend(
        name="xpu",
        device="xpu",
        label="XPU",
        built="version.xpu",
        module="xpu",
        events="xpu",
        driver=("sys/module/xe/version", r"(\d[\d.]+)"),
        variables=("ONEAPI_DEVICE_SELECTOR",),
        lists=("ZE_AFFINITY_MASK",),
    ),
    Backend(
        name="mps",
        device="mps",
        label="MPS",
        built="backends.mps.is_built",
        module="mps",
        events="mps.event",
        variables=("PYTORCH_ENABLE_MPS_FALLBACK", "PYTORCH_MPS_FAST_MATH"),
    ),
)
ACCELERATED = tuple(dict.fromkeys(one.device for one in BACKENDS))
DEVICES = (PROCESSOR, *ACCELERATED)
LABELS = {PROCESSOR: "CPU", **{one.device: one.label for one in reversed(BACKENDS)}}  # the first of a device names it
VARIABLES = tuple(sorted({name for one in BACKENDS for name in one.variables}))
DEVICE_LISTS = tuple(sorted({name for one in BACKENDS for name in one.lists}))
PLACES = tuple(sorted({name for one in BACKENDS for name in one.places}))


def named(name: str) -> Backend | None:
    """The back end of that name."""
    return next((one for one in BACKENDS if one.name == name), None)


def backend_of(torch: Any, device: str) -> Backend | None:
    """The back end of torch's device of that name; None where this torch was not built for one."""
    return next((one for one in BACKENDS if one.device == device and built_for(torch, one)), None)


def built_for(torch: Any, backend: Backend) -> str:
    """The version of the runtime that this torch was built for, `yes` where it states none; empty where it was not."""
    stated = part_of(torch, backend.built)
    value = stated() if callable(stated) else stated
    return "yes" if value is True else str(value or "")


def variables_of(devices: Sequence[str]) -> frozenset[str]:
    """The recorded variables that can change what those devices compute."""
    return frozenset(name for one in BACKENDS if one.device in devices for name in (*one.variables, *one.lists))


def part_of(torch: Any, path: str) -> Any:
    """`torch.backends.mps` for `backends.mps`; None where this torch has no such part."""
    return reduce(lambda value, name: getattr(value, name, None), path.split("."), torch)
