"""Read the gaps in `docs/data/gaps/`, and check the examples that they name."""

from __future__ import annotations

from collections.abc import Mapping

from stackdoc.errors import Problem, did_you_mean
from stackdoc.model.example import Example
from stackdoc.project import Layout
from stackdoc.reading.collections import read_list
from stackdoc.stack.gaps.gap import Gap


def read_gaps(layout: Layout, problems: list[Problem], examples: Mapping[str, Example]) -> dict[str, Gap]:
    """Return the gaps by id. Whether their points exist is checked later, with the records."""
    gaps = read_list(layout, "gaps", Gap, problems)
    for entry, gap in gaps.entries:
        if not gap.points:
            problems.append(entry.problem(("points",), "is empty", "name the points whose time needs a reason"))
        example, _, point = gap.shown_by.strip().partition(" ")
        if not point.strip():
            hint = "write EXAMPLE POINT k=v: the experiment that shows the cause"
            problems.append(entry.problem(("shown_by",), f"{gap.shown_by!r} does not name a point", hint))
        for key, name in (("example", gap.example), ("shown_by", example)):
            if name not in examples:
                problems.append(entry.problem((key,), f"unknown example {name!r}", did_you_mean(name, examples)))
    return {gap.id: gap for gap in gaps.values}
