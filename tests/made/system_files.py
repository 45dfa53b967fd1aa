"""Files of Linux by which a machine is known."""

from __future__ import annotations

GENOA = """processor\t: 0
vendor_id\t: AuthenticAMD
cpu family\t: 25
model\t\t: 17
model name\t: AMD EPYC 9B14 96-Core Processor
stepping\t: 1
cpu MHz\t\t: 2596.126
flags\t\t: fpu sse2 avx2 fma hypervisor avx512f avx512_bf16 avx512_vnni

processor\t: 1
vendor_id\t: other
"""


def cache(index: int, level: int, kind: str, size: str) -> dict[str, str]:
    place = f"sys/devices/system/cpu/cpu0/cache/index{index}"
    return {f"{place}/level": f"{level}\n", f"{place}/type": f"{kind}\n", f"{place}/size": f"{size}\n"}
