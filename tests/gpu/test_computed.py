"""Which device computed, by what torch says of it: made-up ones of every back end."""

from __future__ import annotations

import ctypes
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from stackdoc.machine.backends import BACKENDS, DEVICES, LABELS, backend_of, variables_of
from stackdoc.measure.devices import computed
from stackdoc.measure.devices.computed import computed_by, cublas_version
from stackdoc.measure.example_run import ExampleRun
from stackdoc.measure.wire import LaunchOrder, LaunchResult
from stackdoc.model.device import Computed
from stackdoc.model.machine import Accelerator
from stackdoc.render.values.device_state import computed_text
from stackdoc.run.assemble import LaunchMismatch, computed_on
from stackdoc.run.session import with_units
from tests.gpu.virtual_device import VirtualDevice
from tests.made.two_machines import HOPPER

H200 = {"name": "NVIDIA H200", "major": 9, "minor": 0, "multi_processor_count": 132, "total_memory": 150_000_000_000}
GIB = 1 << 30


def torch_with(device: str, properties: dict[str, Any], version: dict[str, str], index: int = 0, count: int = 1) -> Any:
    """As much of torch as is asked which device this is."""
    part = SimpleNamespace(
        get_device_properties=lambda: SimpleNamespace(**properties),
        current_device=lambda: index,
        device_count=lambda: count,
    )
    backends = SimpleNamespace(
        cudnn=SimpleNamespace(version=lambda: 90100), mps=SimpleNamespace(is_built=lambda: False)
    )
    return SimpleNamespace(version=SimpleNamespace(**version), backends=backends, **{device: part})


def test_one_of_several_devices_is_named_with_what_ran_its_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(computed, "cublas_version", lambda: "12.6.4")
    monkeypatch.setattr(computed, "_installed", {"triton": "3.5.0"}.get)
    found = computed_by(torch_with("cuda", H200, {"cuda": "12.6"}, index=5, count=8), "cuda")
    assert found == Computed(
        backend="cuda",
        name="NVIDIA H200",
        build="12.6",
        architecture="sm_90",
        memory_bytes=150_000_000_000,
        units=132,
        index=5,
        visible=8,
        libraries=(("cublas", "12.6.4"), ("cudnn", "9.1.0"), ("triton", "3.5.0")),
    )
    assert computed_text(found) == (
        "NVIDIA H200 (sm_90, 132 units, 140 GiB), device 5 of 8 that torch could use, CUDA 12.6, "
        "cublas 12.6.4, cudnn 9.1.0, triton 3.5.0"
    )


def test_a_slice_reads_as_a_slice() -> None:
    part = {**H200, "name": "NVIDIA H200 MIG 1g.18gb", "multi_processor_count": 16, "total_memory": 18 * GIB}
    found = computed_by(torch_with("cuda", part, {"cuda": "12.6"}), "cuda")
    assert found is not None
    assert (found.slice, found.units) == ("1g.18gb", 16)
    assert computed_text(found).startswith(
        "NVIDIA H200 MIG 1g.18gb (sm_90, 16 units, 18 GiB), slice 1g.18gb of a larger part, CUDA 12.6"
    )


def test_a_device_of_amd_is_one_of_rocm() -> None:
    properties = {"name": "AMD Instinct MI300X", "gcnArchName": "gfx942:sramecc+:xnack-", "multi_processor_count": 304}
    found = computed_by(torch_with("cuda", properties, {"hip": "6.4.4"}), "cuda")
    assert found is not None
    assert (found.backend, found.build, found.architecture, found.units) == ("rocm", "6.4.4", "gfx942", 304)
    assert dict(found.libraries)["miopen"] == "9.1.0"
    assert "ROCm 6.4.4" in computed_text(found)


def test_devices_of_intel_and_apple_are_named_as_far_as_torch_does() -> None:
    arc = {"name": "Intel Arc B580", "total_memory": 12 * GIB, "max_compute_units": 160}
    found = computed_by(torch_with("xpu", arc, {"xpu": "20250300"}), "xpu")
    assert found is not None
    assert (found.backend, found.units, found.build) == ("xpu", 160, "20250300")
    apple = SimpleNamespace(mps=SimpleNamespace(), backends=SimpleNamespace(mps=SimpleNamespace(is_built=lambda: True)))
    found = computed_by(apple, "mps")
    assert found is not None
    assert replace(found, libraries=()) == Computed("mps", "MPS")


@pytest.mark.parametrize("device", DEVICES[1:])
def test_a_torch_for_processors_alone_has_no_such_device(device: str) -> None:
    torch = torch_with(device, H200, {"cuda": "", "hip": "", "xpu": ""})
    assert backend_of(torch, device) is None
    assert computed_by(torch, device) is None


@pytest.mark.parametrize(("number", "words"), [(90100, "9.1.0"), (8902, "8.9.2"), (91002, "9.10.2"), (None, "")])
def test_the_version_of_cudnn_is_written_with_dots(number: int | None, words: str) -> None:
    assert computed._dotted(number) == words


def test_cublas_says_its_version_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(which: int, into: Any) -> int:
        into._obj.value = (12, 6, 4)[which]
        return 0

    monkeypatch.setattr(ctypes, "CDLL", {"/opt/lib/libcublas.so.12": SimpleNamespace(cublasGetProperty=ask)}.get)
    maps = tmp_path / "maps"
    maps.write_text("7f00-7f01 r-xp 00000000 08:01 7 /opt/lib/libcublas.so.12\n7f02 r-xp 0 08:01 8 /lib/libc.so.6\n")
    assert cublas_version(maps) == "12.6.4"
    maps.write_text("7f00-7f01 r-xp 00000000 08:01 7 /opt/lib/libcublasLt.so.12\n")
    assert cublas_version(maps) == ""
    assert cublas_version(tmp_path / "none") == ""


def test_a_launch_tells_which_device_it_timed(device: VirtualDevice) -> None:
    run = ExampleRun(LaunchOrder("x.py", device="cuda"))
    assert run.result().computed is None
    run.measure("kernel", lambda: device.launch(2e6))
    found = run.result().computed
    assert found is not None
    assert (found.backend, found.name, found.units) == ("cuda", "virtual", 132)


def test_launches_on_different_devices_make_no_record() -> None:
    one = Computed("cuda", "NVIDIA H200", index=0, visible=2)
    results = [LaunchResult(n, computed=one) for n in range(3)]
    assert computed_on(results) == one
    loaded = replace(one, libraries=(("cublas", "12.6.4"),))
    assert computed_on([*results, LaunchResult(3, computed=loaded)]) == loaded
    assert computed_on([LaunchResult(0)]) is None
    with pytest.raises(LaunchMismatch, match="launches computed on different devices"):
        computed_on([*results, LaunchResult(3, computed=replace(one, index=1))])


def test_the_machine_learns_how_many_units_its_accelerator_has() -> None:
    bare = replace(HOPPER, accelerators=(Accelerator("NVIDIA H200", "sm_90", 140, count=8), Accelerator("T4", "", 15)))
    filled = with_units(bare, Computed("cuda", "NVIDIA H200", units=132))
    assert [one.units for one in filled.accelerators] == [132, 0]
    assert with_units(bare, None) == bare


def test_every_back_end_has_one_entry_with_all_that_differs() -> None:
    assert [one.name for one in BACKENDS] == ["cuda", "rocm", "xpu", "mps"]
    assert DEVICES == ("cpu", "cuda", "xpu", "mps")
    assert [LABELS[device] for device in DEVICES] == ["CPU", "CUDA", "XPU", "MPS"]
    assert {"HSA_OVERRIDE_GFX_VERSION", "CUDA_DEVICE_ORDER", "PYTORCH_ALLOC_CONF"} <= variables_of(["cuda"])
    assert not variables_of(["cpu"])
