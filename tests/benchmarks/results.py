"""What `make bench` measured, as the data that the handbook shows.

python tests/benchmarks/results.py .stackdoc/bench.json docs/data/speed.json

Of several files, the last one that has a benchmark counts, so that a part can be run again.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from stackdoc.machine import this_machine
from tests.benchmarks.others import TOOLS

Run = dict[str, Any]
COMPARED = {
    "handbook": "test_a_replay_of",
    "handbook-edit": "test_from_an_edit_to_a_page_of_the_handbook",
    "same": "test_twenty_examples_beside",
    "own": "test_a_replay_beside",
    "plan": "test_a_plan",
}


def main(files: Sequence[Path], output: Path) -> None:
    documents = [json.loads(file.read_text("utf-8")) for file in reversed(files)]
    runs = [
        {**run["extra_info"], "name": run["name"], "seconds": run["stats"]["median"]}
        for document in documents
        for run in document["benchmarks"]
    ]
    machine = asdict(this_machine())
    written = {
        "schema": "stackdoc.speed/2",
        "measured_at": documents[0]["datetime"][:10],
        "load": round(os.getloadavg()[2], 1),
        "machine": {name: machine[name] for name in ("id", "cpu", "cores", "memory_gib")},
        "versions": named(runs, "test_an_example_more")["versions"],
        "examples": named(runs, "test_an_example_more")["examples"],
        "costs": [costs(runs, tool) for tool in TOOLS],
        "compared": {name: compared(runs, test) for name, test in COMPARED.items() if has(runs, test)},
        "growth": [one["growth"] for one in runs if "growth" in one],
    }
    output.write_text(json.dumps(written, indent=1) + "\n", "utf-8")
    print(output.read_text("utf-8"), end="")


def has(runs: list[Run], name: str) -> bool:
    """Whether the benchmark ran to its end; one that failed has no row on the page."""
    return any(run["name"].startswith(name) for run in runs)


def named(runs: list[Run], name: str, tool: str = "") -> Run:
    return next(one for one in runs if one["name"].startswith(name) and tool in ("", one.get("tool")))


def costs(runs: list[Run], tool: str) -> Run:
    """One tool: an example more, a build with nothing new, from an edit to the page."""
    built, edited = named(runs, "test_an_example_more", tool), named(runs, "test_from_an_edit_to_the_page", tool)
    return {
        "tool": tool,
        "example_s": built["example_seconds"],
        "replay_s": built["replay_cpu_seconds"],
        "edit_s": edited["seconds"],
    }


def compared(runs: list[Run], name: str) -> Run:
    run = named(runs, name)
    return {field: run[field] for field in ("with_us_seconds", "alone_seconds", "pages")}


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:-1]], Path(sys.argv[-1]))
