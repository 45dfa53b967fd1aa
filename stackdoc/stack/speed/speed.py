"""What stackdoc costs, compared with other tools and by project size, from the file that `make bench` writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from stackdoc.project import Layout
from stackdoc.render.html.element import line
from stackdoc.render.html.tables import table
from stackdoc.stack.speed.results import shown
from stackdoc.statistics import Figure, format_figure, format_seconds

FILE = "speed.json"
SCHEMA = "stackdoc.speed/2"
COMMAND = "make bench"
COMPARED = {
    "handbook": "The handbook, nothing new, same pages",
    "handbook-edit": "The handbook, from an edited sentence to its page",
    "same": "Twenty examples, nothing new, same pages",
    "own": "A small project, nothing new, hand-written pages only",
    "plan": "A plan with nothing to measure, beside a build",
}
STEPS = {
    "planning_s": "plan",
    "first_s": "first build",
    "alone_s": "first build by MkDocs alone",
    "again_s": "build with nothing new",
}


def speed(layout: Layout, part: str) -> Markup:
    """Tabulate one of PARTS; without the file, show the command that writes it.

    Raises ValueError for a file of another form.
    """
    return shown(layout, FILE, SCHEMA, COMMAND, PARTS[part])


def _tools(document: Mapping[str, Any]) -> Markup:
    """Tabulate the tools: seconds, and the ratio to the first tool."""
    costs, versions = document["costs"], document["versions"]
    base = costs[0]
    rows = [
        [
            line(f"{row['tool']} {versions[row['tool']]}"),
            format_seconds(row["example_s"]),
            _against(row["replay_s"], base["replay_s"]),
            _against(row["edit_s"], base["edit_s"]),
        ]
        for row in costs
    ]
    heads = [("tool", False), ("per example", True), ("a build with nothing new", True), ("edit to reload", True)]
    return table(heads, rows, f"{int(document['examples'])} examples, a page each. {_conditions(document)}")


def _builds(document: Mapping[str, Any]) -> Markup:
    compared = {words: document["compared"][name] for name, words in COMPARED.items() if name in document["compared"]}
    rows = [
        [
            words,
            int(row["pages"]),
            format_seconds(row["alone_seconds"]),
            _against(row["with_us_seconds"], row["alone_seconds"]),
        ]
        for words, row in compared.items()
    ]
    heads = [("what", False), ("pages", True), ("MkDocs alone", True), ("stackdoc", True)]
    return table(heads, rows, f"Processor time; of edits the time as seen. {_conditions(document)}")


def _growth(document: Mapping[str, Any]) -> Markup:
    rows = [
        [
            f"{int(row['examples'])} examples, {int(row['records'])} records",
            *(f"{format_seconds(row[step])} ({_each(row, step)})" for step in STEPS),
            *(format_figure(Figure(float(row[peak]), None, None, "B")) for peak in ("peak_bytes", "alone_peak_bytes")),
        ]
        for row in document["growth"]
    ]
    heads = [("size", False), *((words, True) for words in (*STEPS.values(), "peak memory", "peak of MkDocs alone"))]
    return table(heads, rows, f"Processor time, in total and per example. {_conditions(document)}")


def _each(row: Mapping[str, Any], step: str) -> str:
    return f"{format_seconds(row[step] / row['examples'])} each"


def _against(seconds: float, base: float) -> str:
    return f"{format_seconds(seconds)} ({format_figure(Figure(seconds / base, None, None, '×'))})"


def _conditions(document: Mapping[str, Any]) -> str:
    machine = document["machine"]
    place = f"{machine['cpu']} ({machine['id']}), {int(machine['cores'])} cores, {machine['memory_gib']} GiB"
    load = f", at a load of {float(document['load']):g}" if "load" in document else ""
    return line(f"{place}, {str(document['measured_at'])[:10]} UTC{load}.")


PARTS: dict[str, Callable[[Mapping[str, Any]], Markup]] = {"tools": _tools, "builds": _builds, "growth": _growth}
