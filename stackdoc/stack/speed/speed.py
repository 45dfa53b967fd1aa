"""What stackdoc itself costs, beside other tools and at growing sizes: from the file that `make bench` writes."""

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
SCHEMA = "stackdoc.speed/1"
COMMAND = "make bench"
STEPS = {
    "planning_s": "plan",
    "first_s": "first build",
    "alone_s": "first by MkDocs alone",
    "again_s": "build with nothing new",
}


def speed(layout: Layout, part: str) -> Markup:
    """One of PARTS as a table; without the file, the command that writes it.

    Raises ValueError, in words, for a file that is not of this form.
    """
    return shown(layout, FILE, SCHEMA, COMMAND, PARTS[part])


def _tools(document: Mapping[str, Any]) -> Markup:
    """A row a tool: seconds, and how many times the first tool's where that one does the same."""
    costs, versions = document["costs"], document["versions"]
    base = costs[0]
    rows = [
        [
            line(f"{one['tool']} {versions[one['tool']]}"),
            format_seconds(one["example_s"]),
            _against(one["replay_s"], base["replay_s"]),
            _against(one["edit_s"], base["edit_s"]),
        ]
        for one in costs
    ]
    heads = [("tool", False), ("an example more", True), ("a build with nothing new", True), ("edit to reload", True)]
    return table(heads, rows, f"{int(document['examples'])} examples, a page each. {_conditions(document)}")


def _builds(document: Mapping[str, Any]) -> Markup:
    same, beside = document["replay"]
    compared = {
        "The handbook, the same pages": same,
        "A small project, its author’s pages only": beside,
        "A plan that finds all fresh, beside a build": document["planning"],
    }
    rows = [
        [
            words,
            int(one["pages"]),
            format_seconds(one["alone_seconds"]),
            _against(one["with_us_seconds"], one["alone_seconds"]),
        ]
        for words, one in compared.items()
    ]
    heads = [("what", False), ("pages", True), ("MkDocs alone", True), ("stackdoc", True)]
    return table(heads, rows, f"Processor time. {_conditions(document)}")


def _growth(document: Mapping[str, Any]) -> Markup:
    rows = [
        [
            f"{int(one['examples'])} examples, {int(one['records'])} records",
            *(f"{format_seconds(one[step])} ({_each(one, step)})" for step in STEPS),
            *(format_figure(Figure(float(one[peak]), None, None, "B")) for peak in ("peak_bytes", "alone_peak_bytes")),
        ]
        for one in document["growth"]
    ]
    heads = [("size", False), *((words, True) for words in (*STEPS.values(), "memory at most", "by MkDocs alone"))]
    return table(heads, rows, f"Processor time, and for each example. {_conditions(document)}")


def _each(one: Mapping[str, Any], step: str) -> str:
    return f"{format_seconds(one[step] / one['examples'])} each"


def _against(seconds: float, base: float) -> str:
    return f"{format_seconds(seconds)} ({format_figure(Figure(seconds / base, None, None, '×'))})"


def _conditions(document: Mapping[str, Any]) -> str:
    machine = document["machine"]
    place = f"{machine['cpu']} ({machine['id']}), {int(machine['cores'])} cores, {machine['memory_gib']} GiB"
    return line(f"{place}, {str(document['measured_at'])[:10]} UTC.")


PARTS: dict[str, Callable[[Mapping[str, Any]], Markup]] = {"tools": _tools, "builds": _builds, "growth": _growth}
