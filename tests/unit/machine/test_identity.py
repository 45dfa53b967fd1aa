"""The name of a class of machines: what it depends on, and that records of before stay those of their machine."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from stackdoc.machine.hardware import this_machine
from stackdoc.machine.identity import alike, has_computed_id, identify, known_as
from stackdoc.model.machine import Accelerator, Machine, Topology
from stackdoc.plan.freshness import stale_by_place
from stackdoc.project import Layout
from stackdoc.records import store
from tests.made.records import GPU_MACHINE, MACHINE, made_example, made_record, named, named_first
from tests.made.repository import ROOT
from tests.made.system_files import GENOA, cache
from tests.made.tree import tree

SYSFS = {
    "sys/class/dmi/id/sys_vendor": "QEMU\n",
    "sys/devices/system/cpu/cpu0/topology/physical_package_id": "0\n",
    "sys/devices/system/cpu/cpu0/topology/core_cpus_list": "0\n",
    **cache(0, 1, "Data", "32K"),
    **cache(2, 2, "Unified", "1024K"),
    **cache(3, 3, "Unified", "32M"),
}


@pytest.fixture(scope="module")
def recorded() -> list[Machine]:
    """The machines of the repository's records, one a record."""
    return [record.machine for record in store.read_all(Layout(ROOT), []).values()]


@pytest.mark.skipif(sys.platform != "linux", reason="needs the files of Linux")
def test_a_machine_is_the_same_with_and_without_sysfs(tmp_path: Path) -> None:
    whole, bare = (
        this_machine(tree(tmp_path / name, {"proc/cpuinfo": GENOA, **files}))
        for name, files in {"whole": SYSFS, "bare": {}}.items()
    )
    assert (whole.virtual, bare.virtual) == ("kvm", "vm")
    assert (whole.l3_bytes, bare.l3_bytes) == (32 << 20, 0)
    assert (whole.topology, bare.topology) == (Topology(), None)
    assert whole.id == bare.id
    assert alike(whole, bare)


@pytest.mark.skipif(sys.platform != "linux", reason="needs the files of Linux")
def test_a_quota_makes_no_other_machine(tmp_path: Path) -> None:
    files = {"proc/cpuinfo": GENOA, "proc/self/cgroup": "0::/\n"}
    free = this_machine(tree(tmp_path / "free", files))
    limits = {"sys/fs/cgroup/cpu.max": "50000 100000\n", "sys/fs/cgroup/memory.max": "1073741824\n"}
    assert this_machine(tree(tmp_path / "limited", files | limits)) == free


def test_an_id_has_the_scheme_in_its_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine("", "AMD EPYC", "AMD", "x86_64", "zen4", 2, 24)
    now = identify(machine)
    monkeypatch.setattr("stackdoc.machine.identity.SCHEME", "machine/3")
    assert identify(machine) != now
    assert identify(machine)[:-4] == now[:-4] == "zen4-2c-24g-"


def test_a_slice_is_not_the_whole_device() -> None:
    whole, part = (
        replace(GPU_MACHINE, accelerators=(Accelerator(name, "sm_90", 18),))
        for name in ("NVIDIA H200", "NVIDIA H200 MIG 1g.18gb")
    )
    assert not alike(whole, part)
    assert "-h200-1g-18gb-" in identify(part)


def test_the_machines_of_records_are_known_by_the_ids_that_they_have(recorded: list[Machine]) -> None:
    """Ids of before stay in use: what is measured there now is filed and shown with what was measured there before."""
    assert {one.id for one in recorded} >= {"zen3-2c-24g-336d", "zen4-2c-24g-144f", "zen5-2c-24g-df7d"}
    for one in recorded:
        now = replace(one, id=identify(one), l1d_bytes=0, virtual="vm" if one.virtual else "")
        assert known_as(now, recorded).id == one.id
    assert len({identify(one) for one in recorded}) == len({one.id for one in recorded})


def test_an_unknown_machine_keeps_its_own_id(recorded: list[Machine]) -> None:
    other = replace(recorded[0], cpu="Another", id="other-1c-1g-0000")
    assert known_as(other, recorded) == other


def test_a_record_under_an_id_of_before_is_fresh_on_its_machine() -> None:
    record = made_record()
    here = replace(record.machine, id="zen4-2c-24g-ffff", l3_bytes=1)
    example, software = made_example(), record.software
    assert stale_by_place(record, example, here, software) == ()
    other = replace(here, memory_gib=48)
    assert stale_by_place(record, example, other, software)[0].startswith(f"machine changed: {record.machine.id} → ")


def test_a_variable_of_an_accelerator_says_nothing_of_a_processor() -> None:
    record = made_record()
    given = {**record.software.environment, "CUDA_DEVICE_ORDER": "PCI_BUS_ID", "MALLOC_ARENA_MAX": "1"}
    software = replace(record.software, environment=given)
    assert stale_by_place(record, made_example(), record.machine, software) == ("MALLOC_ARENA_MAX unset → 1",)
    on_device = made_record(device="cuda")
    assert "CUDA_DEVICE_ORDER unset → PCI_BUS_ID" in stale_by_place(on_device, made_example(), record.machine, software)


def test_the_ids_of_all_records_are_computed_by_a_scheme(recorded: list[Machine]) -> None:
    assert [machine for machine in {*recorded} if not has_computed_id(machine)] == []


def test_an_id_is_computed_by_the_scheme_that_named_it() -> None:
    cached = replace(MACHINE, l3_bytes=1 << 20, virtual="kvm")
    first, now = named_first(cached), named(cached)
    assert first.id[:-4] == now.id[:-4]
    assert first.id != now.id
    assert has_computed_id(first)
    assert has_computed_id(now)
    for other in (replace(first, l3_bytes=1), replace(now, cores=4), replace(now, id="zen4-2c-24g-ffff")):
        assert not has_computed_id(other)
    assert has_computed_id(replace(now, l3_bytes=0, virtual="vm", topology=Topology()))
    assert has_computed_id(replace(first, topology=Topology()))
