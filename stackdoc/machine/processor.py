"""The processor as the kernel describes it: /proc/cpuinfo and sysfs on Linux, sysctl on macOS.

What makes its identity is in /proc/cpuinfo alone: a sandbox may hide sysfs.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from stackdoc.machine import microarchitecture

X86_ISA = (
    *("avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "avx512_fp16"),
    *("avx_vnni", "amx_tile", "amx_bf16", "amx_int8", "amx_fp16"),
)
ARM_ISA = ("asimdhp", "asimddp", "sve", "sve2", "bf16", "i8mm", "sme")
RISCV_VECTOR = re.compile(r"rv(?:32|64)[a-uw-z]*v")
X86_VENDORS = {"AuthenticAMD": "AMD", "GenuineIntel": "Intel", "HygonGenuine": "Hygon"}
HYPERVISORS = {"qemu": "kvm", "kvm": "kvm", "google": "kvm", "amazon": "kvm", "microsoft": "hyper-v"}
HYPERVISORS |= {"hyperv": "hyper-v", "vmware": "vmware", "xen": "xen", "innotek": "virtualbox"}
UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


@dataclass(frozen=True)
class Processor:
    """`isa` are those extensions that tensor libraries choose by; each cache size in bytes is that of one cache."""

    name: str
    vendor: str
    microarchitecture: str
    isa: tuple[str, ...] = ()
    l1d_bytes: int = 0
    l2_bytes: int = 0
    l3_bytes: int = 0
    virtual: str = ""


def of_linux(root: Path = Path("/")) -> Processor:
    """From the files below `root`; what is not there stays empty."""
    text = _text(root / "proc/cpuinfo")
    info = _fields(text.split("\n\n", 1)[0])
    flags = set((info.get("flags") or info.get("Features") or "").split())
    if RISCV_VECTOR.match(info.get("isa", "")):
        flags.add("rvv")
    vendor, design = _arm_design(text) if "CPU implementer" in info else _design(info, flags)
    return Processor(
        name=plain_name(info.get("model name", "") or design or vendor),
        vendor=vendor,
        microarchitecture=design,
        isa=tuple(flag for flag in (*X86_ISA, *ARM_ISA, "rvv") if flag in flags),
        l1d_bytes=_cache(root, 1, "Data"),
        l2_bytes=_cache(root, 2, "Unified"),
        l3_bytes=_cache(root, 3, "Unified"),
        virtual=_virtual(root, "hypervisor" in flags),
    )


def of_macos() -> Processor:
    """From sysctl; caches are those of the fast cores."""
    brand = sysctl("machdep.cpu.brand_string")
    apple = brand.startswith("Apple")

    def size(name: str) -> int:
        text = sysctl(f"hw.perflevel0.{name}") or sysctl(f"hw.{name}")
        return int(text) if text.isdigit() else 0

    return Processor(
        name=plain_name(brand),
        vendor="Apple" if apple else "Intel",
        microarchitecture="-".join(brand.lower().split()[:2]) if apple else "",
        l1d_bytes=size("l1dcachesize"),
        l2_bytes=size("l2cachesize"),
        l3_bytes=size("l3cachesize"),
        virtual="vm" if sysctl("kern.hv_vmm_present") == "1" else "",
    )


def plain_name(name: str) -> str:
    """Without marks, clock rates and core counts: those are no part of a class, or stand elsewhere."""
    name = re.sub(r"\((R|TM|tm|C)\)|@.*$|\b\d+-Core\b|\bProcessor\b|\bCPU\b", " ", name)
    return " ".join(name.split())


def _fields(text: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in text.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}


def _arm_design(text: str) -> tuple[str, str]:
    """Vendor and microarchitecture; of a processor with several kinds of cores all of them, in the kernel's order."""
    numbers = dict.fromkeys(
        (int(match[1], 0), int(match[2], 0))
        for match in re.finditer(r"(?s)CPU implementer\s*: (\w+).*?CPU part\s*: (\w+)", text)
    )
    first = next(iter(numbers), (0, 0))[0]
    designs = [microarchitecture.arm(*number) for number in numbers]
    return microarchitecture.ARM_VENDORS.get(first, "Arm"), "-".join(filter(None, dict.fromkeys(designs)))


def _design(info: dict[str, str], flags: set[str]) -> tuple[str, str]:
    """Vendor and microarchitecture."""
    if info.get("cpu", "").startswith("POWER"):
        return "IBM", microarchitecture.power(info["cpu"])
    if "isa" in info and info["isa"].startswith("rv"):
        return microarchitecture.riscv(info.get("uarch", ""))
    vendor = info.get("vendor_id", "")
    numbers = [info.get(name, "") for name in ("cpu family", "model", "stepping")]
    family, model, stepping = (int(number) if number.isdigit() else -1 for number in numbers)
    design = {
        "AuthenticAMD": microarchitecture.amd(family, model),
        "GenuineIntel": microarchitecture.intel(family, model, stepping, "amx_tile" in flags),
    }
    return X86_VENDORS.get(vendor, vendor), design.get(vendor, "")


def _cache(root: Path, level: int, kind: str) -> int:
    """The size of that cache of the first core in bytes, 0 where sysfs has none."""
    for place in sorted((root / "sys/devices/system/cpu/cpu0/cache").glob("index*")):
        if _text(place / "level").strip() == str(level) and _text(place / "type").strip() == kind:
            size = re.fullmatch(r"(\d+)([KMG]?)", _text(place / "size").strip())
            return int(size[1]) * UNITS.get(size[2], 1) if size else 0
    return 0


def _virtual(root: Path, flagged: bool) -> str:
    """The hypervisor by the maker of the board or by its clock, `vm` for an unknown one, empty on bare metal."""
    places = (
        *("class/dmi/id/sys_vendor", "class/dmi/id/product_name"),
        "devices/system/clocksource/clocksource0/available_clocksource",
    )
    traces = " ".join(_text(root / "sys" / place) for place in places).lower()
    known = next((name for mark, name in HYPERVISORS.items() if mark in traces), "")
    return (known or "vm") if flagged else ""


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def sysctl(name: str) -> str:
    try:
        done = subprocess.run(("sysctl", "-n", name), capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()
