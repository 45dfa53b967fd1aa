"""The identity of a machine: the same for twins, and no trace of the individual."""

from __future__ import annotations

import getpass
import json
import os
import re
import socket
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from stackdoc.adapters.cli.main import main
from stackdoc.machine import this_machine, this_software
from stackdoc.machine.accelerators import accelerators, counted, read_nvidia_smi
from stackdoc.machine.hardware import identify, rounded_gib
from stackdoc.machine.processor import of_linux, plain_name
from stackdoc.machine.software import allowed_variables
from stackdoc.model.machine import Accelerator, Machine, Software
from stackdoc.model.record import Work
from stackdoc.project import Layout
from stackdoc.records import store
from tests.made import two_machines

H200 = Accelerator("NVIDIA H200", "sm_90", 140)
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
GRACE = """processor\t: 0
Features\t: fp asimd asimdhp asimddp sve sve2 i8mm bf16
CPU implementer\t: 0x41
CPU part\t: 0xd4f
"""


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def cache(index: int, level: int, kind: str, size: str) -> dict[str, str]:
    place = f"sys/devices/system/cpu/cpu0/cache/index{index}"
    return {f"{place}/level": f"{level}\n", f"{place}/type": f"{kind}\n", f"{place}/size": f"{size}\n"}


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


@pytest.mark.parametrize(
    ("total", "gib"), [(23.54, 24), (7.6, 8), (15.5, 16), (31.2, 32), (62.7, 64), (125.7, 128), (503.5, 512)]
)
def test_memory_is_what_was_sold_not_what_the_kernel_leaves(total: float, gib: int) -> None:
    assert rounded_gib(int(total * (1 << 30))) == gib


def test_devices_of_one_kind_are_counted() -> None:
    found = read_nvidia_smi("NVIDIA H200, 143771, 9.0\nNVIDIA H200, 143771, 9.0\nnonsense\n")
    assert found == (H200, H200)
    assert counted(found) == (replace(H200, count=2),)


def test_an_amd_accelerator_is_found_in_sysfs(tmp_path: Path) -> None:
    nodes = "sys/class/kfd/kfd/topology/nodes"
    files = {
        f"{nodes}/0/properties": "cpu_cores_count 96\ngfx_target_version 0\n",
        f"{nodes}/1/properties": "simd_count 1216\ngfx_target_version 90402\n",
        f"{nodes}/1/mem_banks/0/properties": f"heap_type 1\nsize_in_bytes {192 << 30}\n",
    }
    assert accelerators(tree(tmp_path, files)) == (Accelerator("AMD gfx942", "gfx942", 192),)


MACHINE = Machine("", "AMD EPYC", "AMD", "x86_64", "zen4", 2, 24)


def test_the_id_is_a_readable_slug_that_depends_on_the_hardware_alone() -> None:
    id = identify(MACHINE)
    assert id.startswith("zen4-2c-24g-")
    assert len(id) == len("zen4-2c-24g-9f3a")
    assert identify(replace(MACHINE, id="whatever")) == id
    assert identify(replace(MACHINE, l3_bytes=1)) != id
    assert identify(replace(MACHINE, accelerators=(replace(H200, count=8),))).startswith("zen4-2c-24g-8xh200-")
    assert identify(Machine("", "", "", "", "", 1, 1)).startswith("machine-1c-1g-")


@pytest.mark.case(53)
def test_whatever_a_processor_is_called_its_id_is_a_directory_of_its_own() -> None:
    names = ("../../x", "", "\u202egpj.exe", "x" * 300, "a/b\\c", "CON", "<script>", "\0", "..", "Zen 4\n")
    made = [identify(replace(MACHINE, microarchitecture=name, cpu=name)) for name in names]
    made += [identify(replace(MACHINE, accelerators=(replace(H200, name=name),))) for name in names]
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id) and len(id) <= 100 for id in made), made
    assert len(set(made)) == len(made)


def test_the_label_is_in_plain_words() -> None:
    assert MACHINE.label == "2-core Zen 4 server CPU, 24 GiB"
    assert replace(MACHINE, accelerators=(H200,)).label == "NVIDIA H200; 2-core Zen 4 server CPU, 24 GiB"
    grace = Machine("", "neoverse-v2", "ARM", "aarch64", "neoverse-v2", 72, 480)
    assert grace.label == "72-core Neoverse V2 server CPU, 480 GiB"
    assert Machine("", "Apple M2 Pro", "Apple", "arm64", "apple-m2", 10, 16).label == "10-core Apple M2 CPU, 16 GiB"


def test_this_machine_says_what_it_is_twice_alike() -> None:
    machine = this_machine()
    assert machine == this_machine()
    assert machine.cores >= 1
    assert machine.memory_gib >= 1
    assert machine.id == identify(machine)


@pytest.mark.case(63)
def test_nothing_private_is_in_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTORCH_CUDA_ALLOC_CONF", "/home/somebody/secret")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-11111111-2222-3333-4444-555555555555,1")
    text = json.dumps([asdict(this_machine()), asdict(this_software(("torch", "pytest")))])
    private = {socket.gethostname(), socket.getfqdn(), str(Path.home()), str(Path.cwd()), getpass.getuser()}
    boot = Path("/proc/sys/kernel/random/boot_id")
    private |= {boot.read_text().strip()} if boot.exists() else set()
    # A name as short as `vm` or `root` stands in other words by chance, and says nothing of anybody.
    for trace in {"somebody", "GPU-1111", *(name for name in private if len(name) > 5)}:
        assert trace not in text
    assert "PATH" not in text
    assert "HOME" not in text


def test_allowed_variables_are_shown_when_they_are_harmless() -> None:
    shown = allowed_variables(
        {
            "MKL_ENABLE_INSTRUCTIONS": "AVX2",
            "PYTORCH_CUDA_ALLOC_CONF": "max_split_size_mb:128,expandable_segments:True",
            "ONEDNN_MAX_CPU_ISA": "/tmp/x",
            "CUDA_VISIBLE_DEVICES": "0,1",
            "AWS_SECRET_ACCESS_KEY": "k",
            "PATH": "/bin",
        }
    )
    assert shown == {
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "PYTORCH_CUDA_ALLOC_CONF": "max_split_size_mb:128,expandable_segments:True",
        "ONEDNN_MAX_CPU_ISA": "set",
        "CUDA_VISIBLE_DEVICES": "2 devices",
    }


def test_software_names_versions(tmp_path: Path) -> None:
    driver = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build"
    root = tree(
        tmp_path, {"proc/driver/nvidia/version": driver, "etc/os-release": 'NAME="Debian GNU/Linux"\nVERSION_ID="12"\n'}
    )
    found = this_software(("pytest", "no-such-package"), root)
    assert isinstance(found, Software)
    assert found.packages == {"pytest": pytest.__version__}
    assert (found.driver, found.system) == ("570.86.15", "Debian GNU/Linux 12")
    assert found.python.count(".") == 2
    assert os.environ.get("HOME", "/none") not in found.system


def test_the_command_says_what_was_reached_here_and_what_would_measure_the_rest(tmp_path: Path) -> None:
    call = ("--root", str(tmp_path), "machine")
    script = '# /// script\n# [tool.stackdoc]\n# layer = "a"\n# title = "T"\n{}# ///\n"""What."""\nLABEL = "{}"\n'
    for name, key, label in (("roofs", "# roofs = true\n", ""), ("start", "", "import torch")):
        tree(tmp_path, {f"examples/a/{name}.py": script.format(key, label)})
    before = CliRunner().invoke(main, call).output
    assert "roofs of cpu: not measured here; `stackdoc measure a/roofs` measures it" in before
    assert "import torch: not measured here; `stackdoc measure a/start` measures it" in before
    assert "import numpy" not in before

    two = replace(two_machines.timed("gemm-threads", 1e-3, Work(flop=2e8)), parameters=(("n", 8), ("threads", 2)))
    triad = two_machines.timed("triad", 1e-3, Work(bytes=3 << 20))
    points = (two_machines.timed("gemm", 1e-3, Work(flop=1e8)), two, triad, two_machines.timed("dispatch", 1e-6))
    imported = replace(two_machines.value("stage", 1.25, "s"), label="import torch")
    made = [
        two_machines.record("", "a/roofs", two_machines.ZEN, points),
        two_machines.record("", "a/start", two_machines.ZEN, (imported,)),
    ]
    kept = [store.with_id(one) for one in made]
    for one in kept:
        store.write(Layout(tmp_path), one)
    assert "not measured here" in CliRunner().invoke(main, call).output  # another machine of this class did
    store.enter_in_ledger(Layout(tmp_path), [one.id for one in kept])
    after = " ".join(CliRunner().invoke(main, call).output.split())
    assert f"roofs of cpu, 2026-11-20, record {kept[0].id}" in after
    for row in (
        "1 thread, float32 product",
        "1 thread, memory, 3 MiB",
        "1 thread, dispatch",
        "2 threads, float32 product",
    ):
        assert row in after
    assert f"import torch: 1.25 s, 2026-11-20, record {kept[1].id}" in after
    assert "not measured here" not in after
