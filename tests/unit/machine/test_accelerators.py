"""Accelerators, as their drivers describe them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from stackdoc.machine.accelerators import accelerators, counted, read_nvidia_smi
from stackdoc.model.machine import Accelerator
from tests.made.tree import tree

H200 = Accelerator("NVIDIA H200", "sm_90", 140)


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
    assert accelerators(tree(tmp_path, files)) == (Accelerator("AMD gfx942", "gfx942", 192, units=304),)
