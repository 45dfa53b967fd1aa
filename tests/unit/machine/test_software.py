"""Versions and variables that a record names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stackdoc.machine import this_software
from stackdoc.machine.software import allowed_variables
from stackdoc.model.machine import Software
from tests.made.tree import tree


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
