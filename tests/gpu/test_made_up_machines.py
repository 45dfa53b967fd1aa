"""What is known of machines that nobody has here, from what their drivers and kernels say.

Tests with `today` in their name state a known fault. Its mend reverses them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from stackdoc.machine.accelerators import accelerators
from stackdoc.machine.hardware import identify
from stackdoc.machine.processor import of_linux
from stackdoc.model.machine import Accelerator, Machine
from stackdoc.run.make_environment import usable_devices
from tests.gpu.made_up_machines import (
    ACCELERATED,
    CAPABILITY_NOT_STATED,
    INTEGRATED,
    MEMORY_NOT_STATED,
    PROCESSED,
    SLICED,
    UNKNOWN_PARTS,
    UNNAMED,
    Accelerated,
    Processed,
)


def tree(root: Path, files: tuple[tuple[str, str], ...]) -> Path:
    for name, text in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.fixture(autouse=True)
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory that is the whole PATH: there is no driver of NVIDIA until a test puts one there."""
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    return programs


def put_nvidia_smi(programs: Path, listing: str, exit_code: int = 0) -> None:
    program = programs / "nvidia-smi"
    program.write_text(f"#!/bin/sh\nprintf '%s' '{listing}'\nexit {exit_code}\n", encoding="utf-8")
    program.chmod(0o755)


def machine_of(root: Path) -> Machine:
    """As this machine is put together, with 4 cores and 16 GiB."""
    found = of_linux(root)
    return Machine("", found.name, found.vendor, "aarch64", found.microarchitecture, 4, 16, isa=found.isa)


@pytest.mark.parametrize("machine", ACCELERATED, ids=lambda machine: machine.words)
def test_accelerators_are_those_that_the_drivers_list(machine: Accelerated, driver: Path, tmp_path: Path) -> None:
    if machine.listing:
        put_nvidia_smi(driver, machine.listing)
    assert accelerators(tree(tmp_path / "root", machine.files)) == machine.found


def test_a_driver_that_fails_lists_none(driver: Path, tmp_path: Path) -> None:
    put_nvidia_smi(driver, "NVIDIA H200, 143771, 9.0\n", exit_code=9)
    assert accelerators(tmp_path) == ()


@pytest.mark.parametrize("machine", PROCESSED, ids=lambda machine: machine.words)
def test_a_processor_is_known_by_what_the_kernel_says(machine: Processed, tmp_path: Path) -> None:
    found = machine_of(tree(tmp_path, (("proc/cpuinfo", machine.cpuinfo),)))
    assert (found.vendor, found.microarchitecture, found.label) == (machine.vendor, machine.design, machine.label)


def test_each_processor_has_an_id_of_its_own(tmp_path: Path) -> None:
    roots = [tree(tmp_path / str(number), (("proc/cpuinfo", one.cpuinfo),)) for number, one in enumerate(PROCESSED)]
    assert len({identify(machine_of(root)) for root in roots}) == len(PROCESSED)


@pytest.mark.parametrize("listing", [MEMORY_NOT_STATED, CAPABILITY_NOT_STATED])
def test_today_a_device_of_which_one_column_is_not_stated_is_not_found(
    listing: str, driver: Path, tmp_path: Path
) -> None:
    put_nvidia_smi(driver, listing)
    assert accelerators(tmp_path) == ()


def test_today_a_slice_of_a_device_is_taken_for_the_whole(driver: Path, tmp_path: Path) -> None:
    put_nvidia_smi(driver, SLICED)
    assert accelerators(tmp_path) == (Accelerator("NVIDIA H200", "sm_90", 140),)


def test_today_integrated_graphics_make_cuda_usable(tmp_path: Path) -> None:
    """That torch was built for devices of another maker is not asked."""
    found = accelerators(tree(tmp_path, INTEGRATED))
    assert found == (Accelerator("AMD gfx1103", "gfx1103", 0),)
    machine = Machine("", "AMD Ryzen 7 7840U", "AMD", "x86_64", "zen4", 8, 32, accelerators=found)
    assert usable_devices(machine, {"torch": "2.13.0+cu130"}) == {"cpu", "cuda"}


def test_today_processors_of_unknown_design_share_an_id(tmp_path: Path) -> None:
    roots = [tree(tmp_path / str(number), (("proc/cpuinfo", one),)) for number, one in enumerate(UNKNOWN_PARTS)]
    first, second = (identify(machine_of(root)) for root in roots)
    assert first == second


@pytest.mark.parametrize("cpuinfo", UNNAMED)
def test_today_a_label_has_a_gap_where_the_kernel_names_no_vendor(cpuinfo: str, tmp_path: Path) -> None:
    assert machine_of(tree(tmp_path, (("proc/cpuinfo", cpuinfo),))).label == "4-core  CPU, 16 GiB"
