"""Small example scripts for the runner's tests: what they measure takes microseconds, and nothing imports torch."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from stackdoc.measure.launch import run_script
from stackdoc.measure.wire import LaunchOrder, LaunchResult
from stackdoc.run.process.limits import Limits
from stackdoc.run.process.runner import LaunchEnd, start_launch, wait_for_end

HEADER = """\
# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc"]
# [tool.stackdoc]
# title = "A fixture"
{options}# ///
\"\"\"A fixture of the tests.\"\"\"

"""
GOOD = """
    from stackdoc import example
    ex = example()
    data = list(range(300))
    ex.measure("sum", lambda: sum(data), n=300)
    ex.show("the sum is 44850")
"""
FAST = Limits(seconds=20, silence_seconds=20, grace_seconds=0.2, drain_seconds=0.2, poll_seconds=0.05)


def written(root: Path, id: str, body: str, **options: str) -> Path:
    """Writes `examples/<id>.py` with a header; an option is given as TOML text. Two launches unless told otherwise."""
    path = root / "examples" / f"{id}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    given = {"layer": '"kernels"', "launches": "2", "budget_seconds": "20", **options}
    lines = "".join(f"# {key} = {value}\n" for key, value in given.items())
    path.write_text(HEADER.format(options=lines) + textwrap.dedent(body), encoding="utf-8")
    return path


def run_launch(order: LaunchOrder, limits: Limits) -> LaunchEnd:
    """A launch as a fresh process, from its start to its end."""
    with start_launch(order, limits) as launch:
        return wait_for_end(launch, order.kind)


def script(tmp_path: Path, body: str) -> str:
    """The path of a script without a header."""
    path = tmp_path / "script.py"
    path.write_text("from stackdoc import Check, Work, close, example\nex = example()\n" + textwrap.dedent(body))
    return str(path)


def launch_here(tmp_path: Path, body: str, **order: Any) -> LaunchResult:
    """A launch of such a script in this process."""
    return run_script(LaunchOrder(script(tmp_path, body), **order))
