"""Orders and results survive their files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stackdoc.measure.wire import LaunchOrder, LaunchResult
from stackdoc.model.example import Cell
from stackdoc.reading.decode import adapter
from stackdoc.statistics.roofs import Roofs
from tests.made.scripts import launch_here

ROOFS = Roofs(rates=(("float32", 1e11),), bandwidths=((1000, 5e10), (100_000, 2e10)), dispatch=1e-6)


def test_a_result_survives_its_file(tmp_path: Path) -> None:
    body = """
        ex.predict("a", seconds=ex.roofs.time(flop=1e6), formula="flop / roof", n=1)
        a = ex.measure("a", lambda: 1.0, n=1, work=Work(flop=1e6, bytes=10), dtype="float32", check=lambda out: out)
        ex.report("size", 12, unit="B")
        ex.ratio("self", slow=a, fast="a;n=1")
    """
    result = launch_here(tmp_path, body, roofs=ROOFS)
    assert adapter(LaunchResult).validate_json(json.dumps(result.to_json()), strict=True) == result
    assert result.points[0].prediction is not None
    assert result.points[0].prediction.seconds == pytest.approx(1e-5)


def test_an_order_survives_its_file() -> None:
    order = LaunchOrder("/x.py", roofs=ROOFS, kind="display", cells=(Cell("code", "1 + 1", 3),))
    assert LaunchOrder.from_json(json.loads(json.dumps(order.to_json()))) == order
