"""The name of a core's design from the numbers it identifies itself with.

AMD by family and model range, as Linux sorts them (arch/x86/kernel/cpu/amd.c); Intel by model of family 6
(arch/x86/include/asm/intel-family.h); Arm by implementer and part (arch/arm64/include/asm/cputype.h, and util-linux's
sys-utils/lscpu-arm.c for what the kernel needs no name of).
"""

from __future__ import annotations

AMD = {
    0x17: ((0x30, 0x4F, "zen2"), (0x60, 0x7F, "zen2"), (0x90, 0xAF, "zen2"), (0x00, 0x5F, "zen")),
    0x19: ((0x10, 0x1F, "zen4"), (0x60, 0xAF, "zen4"), (0x00, 0x5F, "zen3")),
    0x1A: ((0x50, 0x5F, "zen6"), (0x80, 0xCF, "zen6"), (0x00, 0x7F, "zen5")),
}
INTEL = {
    **dict.fromkeys((0x3C, 0x3F, 0x45, 0x46), "haswell"),
    **dict.fromkeys((0x3D, 0x47, 0x4F, 0x56), "broadwell"),
    **dict.fromkeys((0x4E, 0x5E, 0x8E, 0x9E, 0xA5, 0xA6), "skylake"),
    0x55: "skylake-server",
    **dict.fromkeys((0x6A, 0x6C), "ice-lake-server"),
    **dict.fromkeys((0x7D, 0x7E), "ice-lake"),
    **dict.fromkeys((0x8C, 0x8D), "tiger-lake"),
    0xA7: "rocket-lake",
    **dict.fromkeys((0x97, 0x9A), "alder-lake"),
    **dict.fromkeys((0xB7, 0xBA, 0xBF), "raptor-lake"),
    **dict.fromkeys((0xAA, 0xAC), "meteor-lake"),
    **dict.fromkeys((0xC5, 0xC6), "arrow-lake"),
    0xBD: "lunar-lake",
    0x8F: "sapphire-rapids",
    0xCF: "emerald-rapids",
    **dict.fromkeys((0xAD, 0xAE), "granite-rapids"),
    0xAF: "sierra-forest",
}
MATRIX_DESIGNS = ("sapphire-rapids", "emerald-rapids", "granite-rapids")  # the server designs with AMX so far
SKYLAKE_SERVER_STEPPINGS = ((10, 11, "cooper-lake"), (5, 7, "cascade-lake"))
ARM = {
    (0x41, 0xD03): "cortex-a53",
    (0x41, 0xD05): "cortex-a55",
    (0x41, 0xD07): "cortex-a57",
    (0x41, 0xD08): "cortex-a72",
    (0x41, 0xD09): "cortex-a73",
    (0x41, 0xD0A): "cortex-a75",
    (0x41, 0xD0B): "cortex-a76",
    (0x41, 0xD0C): "neoverse-n1",
    (0x41, 0xD0D): "cortex-a77",
    (0x41, 0xD40): "neoverse-v1",
    (0x41, 0xD41): "cortex-a78",
    (0x41, 0xD42): "cortex-a78ae",
    (0x41, 0xD44): "cortex-x1",
    (0x41, 0xD46): "cortex-a510",
    (0x41, 0xD47): "cortex-a710",
    (0x41, 0xD48): "cortex-x2",
    (0x41, 0xD49): "neoverse-n2",
    (0x41, 0xD4A): "neoverse-e1",
    (0x41, 0xD4D): "cortex-a715",
    (0x41, 0xD4E): "cortex-x3",
    (0x41, 0xD4F): "neoverse-v2",
    (0x41, 0xD80): "cortex-a520",
    (0x41, 0xD81): "cortex-a720",
    (0x41, 0xD82): "cortex-x4",
    (0x41, 0xD83): "neoverse-v3ae",
    (0x41, 0xD84): "neoverse-v3",
    (0x41, 0xD85): "cortex-x925",
    (0x41, 0xD87): "cortex-a725",
    (0x41, 0xD8E): "neoverse-n3",
    (0x46, 0x001): "a64fx",
    (0x48, 0xD01): "kunpeng-920",
    (0x4E, 0x004): "carmel",
    (0x4E, 0x010): "olympus",
    (0x51, 0x001): "oryon",
    (0x6D, 0xD49): "cobalt-100",
    (0xC0, 0xAC3): "ampere-1",
    (0xC0, 0xAC4): "ampere-1a",
    **dict.fromkeys(((0x61, part) for part in (*range(0x22, 0x26), 0x28, 0x29)), "apple-m1"),
    **dict.fromkeys(((0x61, part) for part in (*range(0x32, 0x36), 0x38, 0x39)), "apple-m2"),
}
ARM_VENDORS = {
    **{0x41: "ARM", 0x46: "Fujitsu", 0x48: "HiSilicon", 0x4E: "NVIDIA", 0x51: "Qualcomm"},
    **{0x61: "Apple", 0x6D: "Microsoft", 0xC0: "Ampere"},
}
RISCV_VENDORS = {"sifive": "SiFive", "thead": "T-Head", "spacemit": "SpacemiT", "andestech": "Andes"}


def amd(family: int, model: int) -> str:
    """Empty when unknown, as for all."""
    return _in_ranges(AMD.get(family, ()), model)


def intel(family: int, model: int, stepping: int, matrix: bool = False) -> str:
    """`matrix` when the processor has AMX: a hypervisor may give the numbers of a design that has none."""
    name = INTEL.get(model, "") if family == 6 else ""
    if matrix and name not in MATRIX_DESIGNS:
        return ""
    return (_in_ranges(SKYLAKE_SERVER_STEPPINGS, stepping) or name) if name == "skylake-server" else name


def arm(implementer: int, part: int) -> str:
    """The numbers themselves where they have no name, so that two such designs differ; a hypervisor may hide them."""
    return ARM.get((implementer, part)) or (f"{implementer:#04x}:{part:#05x}" if part else "")


def riscv(design: str) -> tuple[str, str]:
    """Vendor and name from what the kernel has of the device tree: `thead,c910`."""
    maker, _, name = design.partition(",")
    return RISCV_VENDORS.get(maker, maker or "RISC-V"), f"{maker}-{name}" if name else ""


def power(cpu: str) -> str:
    """`power10` from `POWER10 (architected), altivec supported`."""
    return (cpu.replace(",", " ").split() or [""])[0].lower()


def _in_ranges(ranges: tuple[tuple[int, int, str], ...], number: int) -> str:
    return next((name for first, last, name in ranges if first <= number <= last), "")
