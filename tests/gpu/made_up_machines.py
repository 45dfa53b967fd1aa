"""Machines that nobody has here, as their drivers and kernels describe them, and what stackdoc makes of each."""

from __future__ import annotations

from dataclasses import dataclass

from stackdoc.model.machine import Accelerator

NODES = "sys/class/kfd/kfd/topology/nodes"  # of AMD's kernel driver
GIB = 1 << 30


@dataclass(frozen=True)
class Accelerated:
    """A machine by its accelerators: what `nvidia-smi` lists, files below the root, and what is found."""

    words: str
    listing: str = ""
    files: tuple[tuple[str, str], ...] = ()
    found: tuple[Accelerator, ...] = ()


@dataclass(frozen=True)
class Processed:
    """A machine by its processor: `/proc/cpuinfo`, and the vendor, the design and the label that are found."""

    words: str
    cpuinfo: str
    vendor: str
    design: str
    label: str


ACCELERATED = (
    Accelerated("H200", "NVIDIA H200, 143771, 9.0\n", found=(Accelerator("NVIDIA H200", "sm_90", 140),)),
    Accelerated("B200", "NVIDIA B200, 183359, 10.0\n", found=(Accelerator("NVIDIA B200", "sm_100", 179),)),
    Accelerated(
        "eight H200", "NVIDIA H200, 143771, 9.0\n" * 8, found=(Accelerator("NVIDIA H200", "sm_90", 140, count=8),)
    ),
    Accelerated("vGPU", "GRID A100D-10C, 10240, 8.0\n", found=(Accelerator("GRID A100D-10C", "sm_80", 10),)),
    Accelerated(
        "two kinds",
        "Tesla T4, 15360, 7.5\nNVIDIA A100-SXM4-80GB, 81920, 8.0\n",
        found=(Accelerator("NVIDIA A100-SXM4-80GB", "sm_80", 80), Accelerator("Tesla T4", "sm_75", 15)),
    ),
    Accelerated("a GPU that is lost", "NVIDIA H100 80GB HBM3, [Unknown Error], 9.0\n"),
    Accelerated(
        "MI300X",
        files=(
            (f"{NODES}/0/properties", "cpu_cores_count 96\ngfx_target_version 0\n"),
            (f"{NODES}/1/properties", "simd_count 1216\ngfx_target_version 90402\n"),
            (f"{NODES}/1/mem_banks/0/properties", f"heap_type 1\nsize_in_bytes {192 * GIB}\n"),
        ),
        found=(Accelerator("AMD gfx942", "gfx942", 192),),
    ),
    Accelerated("Intel GPU", files=(("sys/class/drm/card0/device/vendor", "0x8086\n"),)),
)

PROCESSED = (
    Processed(
        "Graviton 4",
        "Features\t: asimd asimddp sve sve2 bf16\nCPU implementer\t: 0x41\nCPU part\t: 0xd4f\n",
        "ARM",
        "neoverse-v2",
        "4-core Neoverse V2 server CPU, 16 GiB",
    ),
    Processed(
        "Graviton 5",
        "Features\t: asimd asimddp sve sve2 bf16\nCPU implementer\t: 0x41\nCPU part\t: 0xd84\n",
        "ARM",
        "neoverse-v3",
        "4-core Neoverse V3 server CPU, 16 GiB",
    ),
    Processed(
        "Raspberry Pi 5",
        "Features\t: asimd asimddp\nCPU implementer\t: 0x41\nCPU part\t: 0xd0b\n",
        "ARM",
        "cortex-a76",
        "4-core Cortex A76 CPU, 16 GiB",
    ),
    Processed(
        "Xeon 6",
        "vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 173\nmodel name\t: Intel(R) Xeon(R) 6980P\n"
        "stepping\t: 1\nflags\t\t: avx2 amx_tile\n",
        "Intel",
        "granite-rapids",
        "4-core Granite Rapids server CPU, 16 GiB",
    ),
    Processed(
        "a desktop of Intel",
        "vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 183\nmodel name\t: Intel(R) Core(TM) i9-14900K\n"
        "stepping\t: 1\nflags\t\t: avx2\n",
        "Intel",
        "raptor-lake",
        "4-core Raptor Lake CPU, 16 GiB",
    ),
    Processed(
        "a sandbox that hides the name",
        "vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 207\nmodel name\t: unknown\nstepping\t: unknown\n"
        "flags\t\t: avx2 fma avx512f amx_tile\n",
        "Intel",
        "emerald-rapids",
        "4-core Emerald Rapids CPU, 16 GiB",
    ),
    Processed(
        "Apple M2 in a virtual machine",
        "Features\t: asimd asimddp\nCPU implementer\t: 0x61\nCPU part\t: 0x000\n",
        "Apple",
        "",
        "4-core Apple CPU, 16 GiB",
    ),
    Processed(
        "s390x", "vendor_id       : IBM/S390\n# processors    : 2\n", "IBM/S390", "", "4-core IBM/S390 CPU, 16 GiB"
    ),
)

# What is known to be read wrongly.
MEMORY_NOT_STATED = "NVIDIA GB10, [N/A], 12.1\n"  # it shares the memory of the processor
CAPABILITY_NOT_STATED = "Tesla K80, 11441, [N/A]\n"  # by an old driver
SLICED = "NVIDIA H200, 143771, 9.0\n"  # of which a process may use a slice of 18 GB
INTEGRATED = (  # graphics within a processor for laptops
    (f"{NODES}/1/properties", "simd_count 24\ngfx_target_version 110003\n"),
    (f"{NODES}/1/mem_banks/0/properties", f"heap_type 1\nsize_in_bytes {GIB // 2}\n"),
)
UNKNOWN_PARTS = (  # two designs that have nothing in common but the extensions that are recorded
    "Features\t: asimd sve\nCPU implementer\t: 0x6d\nCPU part\t: 0xd49\n",
    "Features\t: asimd sve\nCPU implementer\t: 0x46\nCPU part\t: 0x001\n",
)
UNNAMED = (  # kernels that name no vendor
    "processor\t: 0\nhart\t: 0\nisa\t: rv64imafdcv\nmmu\t: sv39\nuarch\t: thead,c910\n",
    "processor\t: 0\ncpu\t: POWER10 (architected)\nrevision\t: 2.0\n",
)
