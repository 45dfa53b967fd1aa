"""A Python script as a task of the supervisor."""

from __future__ import annotations

import os
import sys
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

from stackdoc.run.process.task import Task
from stackdoc.run.process.variables import launch_environment
from tests.made.scripts import FAST


def task(tmp_path: Path, script: str, **limits: Any) -> Task:
    caller = {"PATH": os.environ["PATH"], "CANARY_TOKEN": "canary-3141"}
    environment = launch_environment(caller, tmp_path, tmp_path, threads=1)
    command = (sys.executable, "-S", "-c", textwrap.dedent(script))
    return Task(command, str(tmp_path), str(tmp_path), environment, replace(FAST, **limits))
