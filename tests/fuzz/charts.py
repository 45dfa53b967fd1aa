"""Charts of records: specifications with faults, of which those from the allow-list are drawn in a limited process."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from stackdoc.errors import Problem, StackdocError
from stackdoc.render.figures.charts import checked, under_limits
from stackdoc.render.html.element import line
from tests.fuzz.mutations import as_json, damaged, mutated, shapes
from tests.fuzz.target import Target

CHART: dict[str, Any] = {
    "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
    "description": "Bars and a line.",
    "width": 200,
    "height": {"step": 20},
    "config": {"axis": {"tickCount": 5}, "mark": {"color": "red"}},
    "data": {"values": [{"a": "x", "b": 1}, {"a": "y", "b": 2.5}]},
    "transform": [{"calculate": "datum.b * 2", "as": "c"}, {"filter": "datum.b > 0"}],
    "layer": [
        {
            "mark": "bar",
            "encoding": {"x": {"field": "a", "type": "nominal"}, "y": {"field": "b"}},
        },
        {"mark": {"type": "line"}, "encoding": {"x": {"field": "a"}, "y": {"field": "c", "scale": {"type": "log"}}}},
    ],
}


@st.composite
def charts(draw: Callable[..., Any]) -> bytes:
    content = as_json(draw(mutated(CHART, shapes(CHART)))).encode("utf-8", "surrogatepass")
    return bytes(content if draw(st.integers(0, 9)) else draw(damaged(content)))


def read(content: bytes, root: Path) -> None:
    del root
    try:
        under_limits(json.dumps(checked(content.decode("utf-8", "replace"))))
    except (ValueError, RecursionError) as reason:
        raise StackdocError([Problem("chart", 0, "", line(reason)[:200])]) from None


TARGET = Target("chart", charts(), lambda: [json.dumps(CHART).encode()], read)
