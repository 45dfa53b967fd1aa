"""Made-up records on both sides of the threshold of a claim, on which a sound predicate gives opposite verdicts."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, isinf

from stackdoc.model.machine import Machine, Software
from stackdoc.model.record import METHOD, SCHEMA, Launch, Point, Ratio, Record, Work
from stackdoc.stack.claims.types import Claim, Predicate
from stackdoc.stack.claims.verdict import Answer, judge
from stackdoc.statistics.quantities import QUANTITIES, Range
from stackdoc.statistics.roofs import Roofs

SECONDS = 1e-3
LAUNCHES = 9
BLOCKS = 24
ROOFS = Roofs((("float32", 1 / SECONDS),))
MACHINE = Machine("planted-1c-1g-0000", "planted", "", "x86_64", "", 1, 1)
SOFTWARE = Software("3", "", "", "0", {})
SHARE: Range = (0.0, 1.0)


def range_of(predicate: Predicate, unit: str = "") -> Range:
    """Return the possible values of the quantity, by its nature and `possible`; a reported value in `%` is a share."""
    low, high = SHARE if unit == "%" else QUANTITIES[predicate.quantity].possible
    least, most = predicate.possible or (low, high)
    return max(low, least), min(high, most)


def can_differ(predicate: Predicate, unit: str = "") -> bool:
    """Whether one possible outcome satisfies the predicate and another violates it.

    The ends of a range are not outcomes, except of shares: a reported share may be 0 or 1, a share of a roof 1.
    """
    low, high = range_of(predicate, unit)
    if low < predicate.value < high:
        return True
    if predicate.possible is not None:
        return False
    if predicate.value == low:
        return unit == "%" and predicate.op in ("<=", ">")
    is_share = "%" in (unit, QUANTITIES[predicate.quantity].unit)
    return predicate.value == high and is_share and predicate.op in ("<", ">=")


def planted(claim: Claim, unit: str = "") -> tuple[Answer, Answer] | None:
    """Return the verdicts on a record below and on one above the threshold, or None if no outcome is on one side."""
    predicate = claim.predicate
    if predicate is None or not can_differ(predicate, unit):
        return None
    sides = _beside(predicate.value, *range_of(predicate, unit))
    below, above = (judge(claim, *made(claim, predicate, target)).answer for target in sides)
    return below, above


def _beside(value: float, low: float, high: float) -> Range:
    """Return a number halfway to each end, or for an infinite end as far from the threshold as that is from zero."""
    step = abs(value) or 1.0
    return value - step if isinf(low) else (low + value) / 2, value + step if isinf(high) else (value + high) / 2


def made(claim: Claim, predicate: Predicate, target: float) -> tuple[Record, Roofs]:
    """Return a record in which the quantity of every point is `target`, and the roofs for it."""
    points: list[Point] = []
    ratios: list[Ratio] = []
    for key in predicate.points:
        name, *pairs = key.split(";")
        parameters = tuple((pair.partition("=")[0], pair.partition("=")[2]) for pair in pairs)
        if predicate.quantity == "ratio":
            sides = (
                Point(f"{key} slow", (), "time", _timed(target * SECONDS)),
                Point(f"{key} fast", (), "time", _timed()),
            )
            points += sides
            ratios.append(Ratio(name, parameters, sides[0].name, sides[1].name))
        else:
            points.append(_point(name, parameters, predicate.quantity, target))
    record = Record(
        id="planted",
        schema=SCHEMA,
        method=METHOD,
        example=predicate.example,
        device=claim.devices[0] if claim.devices else "cpu",
        profile="full",
        threads=1,
        measured_at="",
        machine=MACHINE,
        software=SOFTWARE,
        digest="",
        closure=(),
        commit="",
        dirty=False,
        launched="fresh",
        points=tuple(points),
        ratios=tuple(ratios),
    )
    return record, ROOFS


def _point(name: str, parameters: tuple[tuple[str, str], ...], quantity: str, target: float) -> Point:
    if quantity == "value":
        launches = tuple(Launch(index, "", value=target) for index in range(LAUNCHES))
        return Point(name, parameters, "value", launches)
    row = QUANTITIES[quantity]
    if row.fields:
        return replace(Point(name, parameters, "time", _timed()), **row.fields(target))
    point = Point(name, parameters, "time", (), dtype="float32", work=Work(1.0, 1.0))
    amount = row.amount(point, ROOFS) if row.amount else None
    launches = _timed(amount / target if amount else target)
    if row.clock == "device":
        launches = tuple(replace(launch, cpu_ns=(), switches=(), device_ns=launch.wall_ns) for launch in launches)
    return replace(point, launches=launches)


def _timed(seconds: float = SECONDS) -> tuple[Launch, ...]:
    calls = max(1, ceil(SECONDS / seconds))
    wall = (round(seconds * calls * 1e9),) * BLOCKS
    return tuple(Launch(index, "", calls, 1, wall, wall, (0,) * BLOCKS) for index in range(LAUNCHES))
