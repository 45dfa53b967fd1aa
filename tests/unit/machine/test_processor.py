"""Processors, as the files of Linux describe them."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackdoc.machine.accelerators import accelerators
from stackdoc.machine.processor import of_linux, plain_name
from tests.made.system_files import GENOA, cache
from tests.made.tree import tree

GRACE = """processor\t: 0
Features\t: fp asimd asimdhp asimddp sve sve2 i8mm bf16
CPU implementer\t: 0x41
CPU part\t: 0xd4f
"""


def test_a_processor_is_read_from_the_files_of_linux(tmp_path: Path) -> None:
    files = {"proc/cpuinfo": GENOA, "sys/class/dmi/id/sys_vendor": "QEMU\n"}
    files |= cache(0, 1, "Data", "32K") | cache(1, 1, "Instruction", "48K") | cache(2, 2, "Unified", "1024K")
    files |= cache(3, 3, "Unified", "32M")
    found = of_linux(tree(tmp_path, files))
    assert (found.name, found.vendor, found.microarchitecture) == ("AMD EPYC 9B14", "AMD", "zen4")
    assert (found.l1d_bytes, found.l2_bytes, found.l3_bytes) == (32 << 10, 1 << 20, 32 << 20)
    assert found.isa == ("avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16")
    assert found.virtual == "kvm"


def test_an_arm_processor_is_known_by_its_part(tmp_path: Path) -> None:
    found = of_linux(tree(tmp_path, {"proc/cpuinfo": GRACE}))
    assert (found.name, found.vendor, found.microarchitecture) == ("neoverse-v2", "ARM", "neoverse-v2")
    assert found.isa == ("asimdhp", "asimddp", "sve", "sve2", "bf16", "i8mm")
    assert found.virtual == ""


@pytest.mark.parametrize(
    ("vendor", "family", "model", "stepping", "design"),
    [
        ("AuthenticAMD", 23, 49, 0, "zen2"),
        ("AuthenticAMD", 25, 1, 1, "zen3"),
        ("AuthenticAMD", 26, 2, 1, "zen5"),
        ("GenuineIntel", 6, 85, 4, "skylake-server"),
        ("GenuineIntel", 6, 85, 7, "cascade-lake"),
        ("GenuineIntel", 6, 143, 8, "sapphire-rapids"),
        ("GenuineIntel", 6, 999, 0, ""),
        ("SomeoneElse", 6, 143, 0, ""),
    ],
)
def test_designs_are_known_by_family_and_model(
    tmp_path: Path, vendor: str, family: int, model: int, stepping: int, design: str
) -> None:
    text = f"vendor_id : {vendor}\ncpu family : {family}\nmodel : {model}\nstepping : {stepping}\n"
    assert of_linux(tree(tmp_path, {"proc/cpuinfo": text})).microarchitecture == design


def test_numbers_of_a_design_that_lacks_what_the_processor_has_name_no_design(tmp_path: Path) -> None:
    """A hypervisor gives what numbers it likes; AMX tells that these are not of the design they name."""
    text = "vendor_id : GenuineIntel\ncpu family : 6\nmodel : {model}\nstepping : 1\nflags : avx512f amx_tile\n"
    designs = {}
    for model in (167, 143):
        files = {"proc/cpuinfo": text.format(model=model)}
        designs[model] = of_linux(tree(tmp_path / str(model), files)).microarchitecture
    assert designs == {167: "", 143: "sapphire-rapids"}


def test_a_system_that_tells_nothing_gives_empty_fields(tmp_path: Path) -> None:
    found = of_linux(tmp_path)
    assert (found.name, found.isa, found.l2_bytes, found.virtual) == ("", (), 0, "")
    assert accelerators(tmp_path) == ()


def test_names_lose_marks_clocks_and_counts() -> None:
    assert plain_name("Intel(R) Xeon(R) Platinum 8480+ CPU @ 2.00GHz") == "Intel Xeon Platinum 8480+"
    assert plain_name("AMD Ryzen 9 7950X 16-Core Processor") == "AMD Ryzen 9 7950X"
