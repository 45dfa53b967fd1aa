"""The identity of a machine: the same for twins, and no trace of the individual."""

from __future__ import annotations

import getpass
import json
import re
import socket
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from stackdoc.machine import this_machine, this_software
from stackdoc.machine.hardware import rounded_gib
from stackdoc.machine.identity import identify
from stackdoc.model.machine import Accelerator, Machine

H200 = Accelerator("NVIDIA H200", "sm_90", 140)


@pytest.mark.parametrize(
    ("total", "gib"), [(23.54, 24), (7.6, 8), (15.5, 16), (31.2, 32), (62.7, 64), (125.7, 128), (503.5, 512)]
)
def test_memory_is_what_was_sold_not_what_the_kernel_leaves(total: float, gib: int) -> None:
    assert rounded_gib(int(total * (1 << 30))) == gib


MACHINE = Machine("", "AMD EPYC", "AMD", "x86_64", "zen4", 2, 24)


def test_the_id_is_a_readable_slug_that_depends_on_the_hardware_alone() -> None:
    id = identify(MACHINE)
    assert id.startswith("zen4-2c-24g-")
    assert len(id) == len("zen4-2c-24g-9f3a")
    assert identify(replace(MACHINE, id="whatever")) == id
    assert identify(replace(MACHINE, isa=("avx2",))) != id
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
