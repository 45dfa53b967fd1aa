"""Whether a device is usable: torch is asked in a process of its own, and its own words are the reason."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from stackdoc.measure.devices.ask import reasons
from stackdoc.run import usable_devices
from stackdoc.run.process.variables import PACKAGE, link_directory
from stackdoc.run.usable_devices import reasons_against

NO_DRIVER = "Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU."
OLD_DRIVER = "The NVIDIA driver on your system is too old (found version 11040)."
HIDDEN = "No CUDA GPUs are available"
NO_KERNEL = "CUDA error: no kernel image is available for execution on the device"

TORCH = """
import os, pathlib
from types import SimpleNamespace
with open(os.environ["ASKED"], "a") as file:
    file.write("x")
__version__ = "2.13.0"
version = SimpleNamespace(cuda="12.6")
def ones(count, device):
    {ones}
"""


def torch_that(ones: Callable[..., Any], **version: str) -> Any:
    return SimpleNamespace(__version__="2.13.0", version=SimpleNamespace(**version), ones=ones)


def failing(message: str) -> Callable[..., Any]:
    def ones(*_: int, **__: str) -> Any:
        raise RuntimeError(message)

    return ones


def summing(value: float) -> Callable[..., Any]:
    return lambda *_, **__: SimpleNamespace(sum=lambda: SimpleNamespace(item=lambda: value))


@pytest.mark.parametrize("message", [NO_DRIVER, OLD_DRIVER, HIDDEN, NO_KERNEL])
def test_the_reason_is_what_torch_says(message: str) -> None:
    found = reasons(torch_that(failing(f"{message}\nand how to mend it"), cuda="12.6"))
    assert found == {
        "cuda": message,
        "xpu": "torch 2.13.0 was not built for XPU",
        "mps": "torch 2.13.0 was not built for MPS",
    }


def test_a_device_that_computes_is_usable_and_one_that_computes_wrongly_is_not() -> None:
    assert reasons(torch_that(summing(2.0), cuda="12.6"))["cuda"] == ""
    assert reasons(torch_that(summing(2.0), hip="6.4"))["cuda"] == ""
    assert reasons(torch_that(summing(3.0), cuda="12.6"))["cuda"] == "torch computes 3 for 1 + 1 on it"


def test_a_torch_for_another_device_is_not_asked_to_compute() -> None:
    """Graphics within a processor of AMD are no device for a torch that was built for processors, or for Intel's."""
    found = reasons(torch_that(failing("not reached"), xpu="20250300"))
    assert found["cuda"] == "torch 2.13.0 was not built for CUDA or ROCm"
    assert found["xpu"] == "not reached"


def interpreter_with(place: Path, ones: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An interpreter of a named environment whose torch is made up, and notes each time that it is imported."""
    programs, package = place / "bin", place / "made"
    programs.mkdir()
    package.mkdir()
    (package / "torch.py").write_text(TORCH.format(ones=ones), encoding="utf-8")
    asked = place / "asked"
    program = programs / "python"
    program.write_text(f'#!/bin/sh\nASKED={asked} PYTHONPATH="{package}:$PYTHONPATH" exec {sys.executable} "$@"\n')
    program.chmod(0o755)
    link_directory(place).mkdir(parents=True)
    (link_directory(place) / "stackdoc").symlink_to(PACKAGE, target_is_directory=True)
    usable_devices._asked.cache_clear()
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return str(program)


def test_torch_is_asked_once_in_a_child_for_all_devices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interpreter = interpreter_with(tmp_path, f"raise RuntimeError({HIDDEN!r})", monkeypatch)
    for _ in range(2):
        assert reasons_against(["cpu", "cuda"], {"torch": "2.13.0"}, interpreter) == {"cpu": "", "cuda": HIDDEN}
    assert reasons_against(["mps"], {"torch": "2.13.0"}, interpreter)["mps"] == "torch 2.13.0 was not built for MPS"
    assert (tmp_path / "asked").read_text() == "x"
    assert "torch" not in vars(usable_devices)


def test_other_visible_devices_are_another_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interpreter = interpreter_with(
        tmp_path, "raise RuntimeError(os.environ.get('CUDA_VISIBLE_DEVICES', 'all'))", monkeypatch
    )
    assert reasons_against(["cuda"], {"torch": "2.13.0"}, interpreter)["cuda"] == "all"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "7")
    assert reasons_against(["cuda"], {"torch": "2.13.0"}, interpreter)["cuda"] == "7"


def test_a_driver_that_ends_the_process_is_no_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interpreter = interpreter_with(tmp_path, "os._exit(139)", monkeypatch)
    found = reasons_against(["cuda"], {"torch": "2.13.0"}, interpreter)
    assert found["cuda"] == "the process that asked torch ended without an answer"


@pytest.mark.parametrize(
    ("packages", "reason"),
    [
        ({}, "torch is not installed"),
        ({"torch": "2.13.0+cpu"}, "torch 2.13.0+cpu was built for processors only"),
    ],
)
def test_nothing_is_started_where_the_version_tells(packages: dict[str, str], reason: str) -> None:
    assert reasons_against(["cpu", "cuda"], packages, "/no/such/python") == {"cpu": "", "cuda": reason}
    assert reasons_against(["cpu"], {"torch": "2.13.0"}, "/no/such/python") == {"cpu": ""}
