"""Every quantity of the table: what it is for a point that was made to have it, and what that leaves to other files."""

from __future__ import annotations

import pytest

from stackdoc.stack.claims.types import Claim, Predicate
from stackdoc.stack.sceptic.planted import made
from stackdoc.statistics.extent import extent
from stackdoc.statistics.quantities import QUANTITIES, quantity

TARGETS = {"roof-share": 0.25, "memory": 4096.0, "rate": 3e9}


@pytest.mark.parametrize("name", QUANTITIES)
def test_a_point_made_for_a_value_has_it(name: str) -> None:
    target = TARGETS.get(name, 2.0)
    predicate = Predicate("kernels/gemm", name, ("p;n=1",), "<", 1.0)
    record, roofs = made(Claim("c", "kernels", "So.", (), "tested"), predicate, target)
    figure = quantity(record, "p;n=1", name, roofs)
    assert figure is not None
    assert figure.value == pytest.approx(target, rel=1e-3)
    assert QUANTITIES[name].unit in (figure.unit, "")
    bounds = extent(record, "p;n=1", name, roofs)
    assert (bounds is None) == (QUANTITIES[name].read is not None or name == "value")
    if bounds:
        assert bounds[0] <= figure.value <= bounds[1] * (1 + 1e-9)


def test_every_quantity_has_a_label_and_a_range() -> None:
    assert all(row.label and row.possible[0] < row.possible[1] for row in QUANTITIES.values())


def test_an_unknown_quantity_is_refused() -> None:
    record, _ = made(Claim("c", "k", "", (), "tested"), Predicate("k/g", "time", ("p",), "<", 1.0), 1.0)
    with pytest.raises(ValueError, match="unknown quantity 'speed'; known: time, device-time"):
        quantity(record, "p", "speed")
