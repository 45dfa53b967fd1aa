"""Machines that nobody has here, as their drivers and kernels describe them, and what stackdoc makes of each."""

from __future__ import annotations

from dataclasses import dataclass

from stackdoc.model.machine import Accelerator

NODES = "sys/class/kfd/kfd/topology/nodes"  # of AMD's kernel driver
GIB = 1 << 30


@dataclass(frozen=True)
class Accelerated:
    """A machine by its accelerators: what `nvidia-smi` lists, its slices too, files below the root, what is found."""

    words: str
    listing: str = ""
    slices: str = ""
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
    Accelerated(  # it shares the memory of the processor
        "DGX Spark", "NVIDIA GB10, [N/A], 12.1\n", found=(Accelerator("NVIDIA GB10", "sm_121", 0),)
    ),
    Accelerated(  # by a driver that knows no capability
        "Tesla K80", "Tesla K80, 11441, [N/A]\n", found=(Accelerator("Tesla K80", "", 11),)
    ),
    Accelerated(
        "one of two H200 in slices",
        "NVIDIA H200, 143771, 9.0\n" * 2,
        slices="GPU 0: NVIDIA H200 (UUID: GPU-0)\n"
        + "".join(f"  MIG 1g.18gb     Device  {n}: (UUID: MIG-{n})\n" for n in range(2))
        + "  MIG 3g.71gb     Device  2: (UUID: MIG-2)\nGPU 1: NVIDIA H200 (UUID: GPU-1)\n",
        found=(
            Accelerator("NVIDIA H200", "sm_90", 140),
            Accelerator("NVIDIA H200 MIG 1g.18gb", "sm_90", 18, count=2),
            Accelerator("NVIDIA H200 MIG 3g.71gb", "sm_90", 71),
        ),
    ),
    Accelerated(
        "a laptop's integrated graphics",
        files=(
            (f"{NODES}/1/properties", "simd_count 24\nsimd_per_cu 2\ngfx_target_version 110003\n"),
            (f"{NODES}/1/mem_banks/0/properties", f"heap_type 1\nsize_in_bytes {GIB // 2}\n"),
        ),
        found=(Accelerator("AMD gfx1103", "gfx1103", 0, units=12),),
    ),
    Accelerated("a GPU that is lost", "NVIDIA H100 80GB HBM3, [Unknown Error], 9.0\n"),
    Accelerated(
        "MI300X",
        files=(
            (f"{NODES}/0/properties", "cpu_cores_count 96\ngfx_target_version 0\n"),
            (f"{NODES}/1/properties", "simd_count 1216\ngfx_target_version 90402\n"),
            (f"{NODES}/1/mem_banks/0/properties", f"heap_type 1\nsize_in_bytes {192 * GIB}\n"),
        ),
        found=(Accelerator("AMD gfx942", "gfx942", 192, units=304),),
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
        "Apple M2 Max under Linux",
        "Features\t: asimd asimddp\nCPU implementer\t: 0x61\nCPU part\t: 0x038\n\n"
        "Features\t: asimd asimddp\nCPU implementer\t: 0x61\nCPU part\t: 0x039\n",
        "Apple",
        "apple-m2",
        "4-core Apple M2 CPU, 16 GiB",
    ),
    Processed(
        "DGX Spark, two kinds of cores",
        "Features\t: asimd sve2\nCPU implementer\t: 0x41\nCPU part\t: 0xd87\n\n"
        "Features\t: asimd sve2\nCPU implementer\t: 0x41\nCPU part\t: 0xd85\n",
        "ARM",
        "cortex-a725-cortex-x925",
        "4-core Cortex A725 Cortex X925 CPU, 16 GiB",
    ),
    Processed(
        "Vera",
        "Features\t: asimd sve2\nCPU implementer\t: 0x4e\nCPU part\t: 0x010\n",
        "NVIDIA",
        "olympus",
        "4-core Olympus server CPU, 16 GiB",
    ),
    Processed(
        "Cobalt 100",
        "Features\t: asimd sve\nCPU implementer\t: 0x6d\nCPU part\t: 0xd49\n",
        "Microsoft",
        "cobalt-100",
        "4-core Cobalt 100 server CPU, 16 GiB",
    ),
    Processed(
        "A64FX",
        "Features\t: asimd sve\nCPU implementer\t: 0x46\nCPU part\t: 0x001\n",
        "Fujitsu",
        "a64fx",
        "4-core A64fx server CPU, 16 GiB",
    ),
    Processed(
        "a part that nobody has named",
        "Features\t: asimd sve\nCPU implementer\t: 0x46\nCPU part\t: 0x003\n",
        "Fujitsu",
        "0x46:0x003",
        "4-core Fujitsu 0x46:0x003 CPU, 16 GiB",
    ),
    Processed(
        "a part of a maker that nobody has named",
        "Features\t: asimd sve\nCPU implementer\t: 0x70\nCPU part\t: 0x662\n",
        "Arm",
        "0x70:0x662",
        "4-core Arm 0x70:0x662 CPU, 16 GiB",
    ),
    Processed(
        "RISC-V",
        "processor\t: 0\nhart\t: 0\nisa\t: rv64imafdcv\nmmu\t: sv39\nuarch\t: thead,c910\n",
        "T-Head",
        "thead-c910",
        "4-core Thead C910 CPU, 16 GiB",
    ),
    Processed(
        "RISC-V without a name",
        "processor\t: 0\nhart\t: 0\nisa\t: rv64imafdc\nmmu\t: sv39\n",
        "RISC-V",
        "",
        "4-core RISC-V CPU, 16 GiB",
    ),
    Processed(
        "POWER10",
        "processor\t: 0\ncpu\t: POWER10 (architected), altivec supported\nrevision\t: 2.0\n",
        "IBM",
        "power10",
        "4-core Power 10 server CPU, 16 GiB",
    ),
    Processed(
        "s390x", "vendor_id       : IBM/S390\n# processors    : 2\n", "IBM/S390", "", "4-core IBM/S390 CPU, 16 GiB"
    ),
)
