"""The devices that launches can use: torch is asked once, in a separate process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from stackdoc.machine.backends import ACCELERATED, PROCESSOR
from stackdoc.run.process.variables import PASSED, launch_environment

ASK_SECONDS = 300.0  # to import torch from a cold disk and to start a driver
PROCESSORS_ONLY = "+cpu"  # the end of the version of such a build


def reasons_against(
    wanted: Iterable[str], packages: Mapping[str, str], interpreter: str = sys.executable
) -> dict[str, str]:
    """For each wanted device why launches by the interpreter, with these packages, can't use it; empty when they can.

    Torch is asked only where something but the processor is wanted and its version leaves that open. It is asked once
    a session: the answer is kept as long as this process lives.
    """
    devices = sorted(set(wanted) - {PROCESSOR})
    if not devices:
        return {PROCESSOR: ""}
    torch = packages.get("torch", "")
    if not torch:
        return {PROCESSOR: "", **dict.fromkeys(devices, "torch is not installed")}
    if torch.endswith(PROCESSORS_ONLY):
        return {PROCESSOR: "", **dict.fromkeys(devices, f"torch {torch} was built for processors only")}
    variables = tuple((name, os.environ[name]) for name in PASSED if name in os.environ)
    answers = _asked(interpreter, torch, variables)
    return {PROCESSOR: "", **{device: answers.get(device, f"torch {torch} does not know it") for device in devices}}


@cache
def _asked(interpreter: str, torch: str, variables: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """What torch answers for every device, in the environment of a launch."""
    del torch  # another version is another question
    with tempfile.TemporaryDirectory(prefix="stackdoc-") as place:
        environment = launch_environment(dict(variables), Path(place), Path(place), 1, interpreter)
        try:
            done = subprocess.run(
                (interpreter, "-m", "stackdoc.measure.devices.ask"),
                env=environment,
                cwd=place,
                capture_output=True,
                text=True,
                timeout=ASK_SECONDS,
                check=False,
                stdin=subprocess.DEVNULL,
            )
            answers: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
        except subprocess.TimeoutExpired:
            return dict.fromkeys(ACCELERATED, f"torch gave no answer within {ASK_SECONDS:g} s")
        except (OSError, ValueError, IndexError):
            return dict.fromkeys(ACCELERATED, "the process that asked torch ended without an answer")
    return answers
