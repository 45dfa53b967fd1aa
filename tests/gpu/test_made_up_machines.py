"""What is known of machines that nobody has here, from what their drivers and kernels say."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackdoc.machine.accelerators import accelerators
from stackdoc.machine.identity import identify
from stackdoc.machine.processor import of_linux
from stackdoc.model.machine import Machine
from tests.gpu.made_up_machines import ACCELERATED, PROCESSED, Accelerated, Processed


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


def put_nvidia_smi(programs: Path, listing: str, slices: str = "", exit_code: int = 0) -> None:
    program = programs / "nvidia-smi"
    script = f"#!/bin/sh\nif [ \"$1\" = -L ]; then printf '%s' '{slices}'; else printf '%s' '{listing}'; fi\n"
    program.write_text(f"{script}exit {exit_code}\n", encoding="utf-8")
    program.chmod(0o755)


def machine_of(root: Path) -> Machine:
    """As this machine is put together, with 4 cores and 16 GiB."""
    found = of_linux(root)
    return Machine("", found.name, found.vendor, "aarch64", found.microarchitecture, 4, 16, isa=found.isa)


@pytest.mark.parametrize("machine", ACCELERATED, ids=lambda machine: machine.words)
def test_accelerators_are_those_that_the_drivers_list(machine: Accelerated, driver: Path, tmp_path: Path) -> None:
    if machine.listing:
        put_nvidia_smi(driver, machine.listing, machine.slices)
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
