"""What `make bench` found, as the data that the handbook shows.

python tests/benchmarks/results.py .stackdoc/bench.json docs/data/speed.json
"""

from __future__ import annotations

import json
import sys
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


def main(found: Path, output: Path) -> None:
    document = json.loads(found.read_text("utf-8"))
    runs = [
        {**one["extra_info"], "name": one["name"], "seconds": one["stats"]["median"]} for one in document["benchmarks"]
    ]
    machine = asdict(this_machine())
    written = {
        "schema": "stackdoc.speed/2",
        "measured_at": document["datetime"][:10],
        "machine": {name: machine[name] for name in ("id", "cpu", "cores", "memory_gib")},
        "versions": named(runs, "test_an_example_more")["versions"],
        "examples": named(runs, "test_an_example_more")["examples"],
        "costs": [costs(runs, tool) for tool in TOOLS],
        "compared": {name: compared(runs, test) for name, test in COMPARED.items()},
        "growth": [one["growth"] for one in runs if "growth" in one],
    }
    output.write_text(json.dumps(written, indent=1) + "\n", "utf-8")
    print(output.read_text("utf-8"), end="")


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
    main(Path(sys.argv[1]), Path(sys.argv[2]))
