"""`docs/data/gaps/`: the gaps, looked up in the examples."""

from __future__ import annotations

from collections.abc import Mapping

from stackdoc.errors import Problem, did_you_mean
from stackdoc.model.example import Example
from stackdoc.project import Layout
from stackdoc.reading.collections import read_list
from stackdoc.stack.gaps.gap import Gap


def read_gaps(layout: Layout, problems: list[Problem], examples: Mapping[str, Example]) -> dict[str, Gap]:
    """The gaps by id. Whether an example has the points is known only beside its records."""
    gaps = read_list(layout, "gaps", Gap, problems)
    for entry, gap in gaps.entries:
        if not gap.points:
            problems.append(entry.problem(("points",), "is empty", "name the points whose time needs a reason"))
        example, _, point = gap.shown_by.strip().partition(" ")
        if not point.strip():
            hint = "write EXAMPLE POINT k=v: the experiment that shows the cause"
            problems.append(entry.problem(("shown_by",), f"{gap.shown_by!r} names no point", hint))
        for key, name in (("example", gap.example), ("shown_by", example)):
            if name not in examples:
                problems.append(entry.problem((key,), f"unknown example {name!r}", did_you_mean(name, examples)))
    return {gap.id: gap for gap in gaps.values}
