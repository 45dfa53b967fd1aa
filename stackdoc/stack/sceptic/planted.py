"""Made-up records on either side of a claim's threshold: a predicate that can fail calls one so and the other not."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, inf, isinf

from stackdoc.model.machine import Machine, Software
from stackdoc.model.record import METHOD, SCHEMA, Energy, Launch, Memory, Point, Ratio, Record, Work
from stackdoc.stack.claims.types import Claim, Predicate
from stackdoc.stack.claims.verdict import Answer, judge
from stackdoc.statistics.roofs import Roofs

Range = tuple[float, float]
SECONDS = 1e-3
LAUNCHES = 9
BLOCKS = 24
MACHINE = Machine("planted-1c-1g-0000", "planted", "", "x86_64", "", 1, 1)
SOFTWARE = Software("3", "", "", "0", {})
SHARE: Range = (0.0, 1.0)
NATURAL: dict[str, Range] = {  # what a quantity could be, both ends left out
    **dict.fromkeys(("time", "device-time", "rate", "bandwidth", "intensity", "memory", "energy", "ratio"), (0.0, inf)),
    "roof-share": SHARE,
    "value": (-inf, inf),
}


def range_of(predicate: Predicate, unit: str = "") -> Range:
    """What the quantity could be: by its nature, and as the predicate says; a reported value in `%` is a share."""
    low, high = SHARE if unit == "%" else NATURAL[predicate.quantity]
    least, most = predicate.possible or (low, high)
    return max(low, least), min(high, most)


def can_differ(predicate: Predicate, low: float, high: float) -> bool:
    """Whether the threshold has outcomes on both of its sides. A share may be nothing or all, no more and no less."""
    value, share = predicate.value, (low, high) == SHARE and predicate.possible is None
    at_end = {">=": high, "<=": low}.get(predicate.op)
    return low < value < high or (share and value == at_end)


def planted(claim: Claim, unit: str = "") -> tuple[Answer, Answer] | None:
    """The verdicts on a record below and on one above the threshold; None where nothing lies on one of its sides."""
    wanted = claim.predicate
    if wanted is None or not can_differ(wanted, *range_of(wanted, unit)):
        return None
    sides = _beside(wanted.value, *range_of(wanted, unit))
    below, above = (judge(claim, *_made(claim, wanted, one)).answer for one in sides)
    return below, above


def _beside(value: float, low: float, high: float) -> Range:
    """A number between the threshold and each end, or as far off as the threshold from nothing."""
    step = abs(value) or 1.0
    return value - step if isinf(low) else (low + value) / 2, value + step if isinf(high) else (value + high) / 2


def _made(claim: Claim, wanted: Predicate, target: float) -> tuple[Record, Roofs]:
    """The record in which the quantity of every point is `target`, with the roofs that make it so."""
    points: list[Point] = []
    ratios: list[Ratio] = []
    for key in wanted.points:
        name, *pairs = key.split(";")
        parameters = tuple((pair.partition("=")[0], pair.partition("=")[2]) for pair in pairs)
        if wanted.quantity == "ratio":
            sides = (
                Point(f"{key} slow", (), "time", _timed(target * SECONDS)),
                Point(f"{key} fast", (), "time", _timed()),
            )
            points += sides
            ratios.append(Ratio(name, parameters, sides[0].name, sides[1].name))
        else:
            points.append(_point(name, parameters, wanted.quantity, target))
    record = Record(
        id="planted",
        schema=SCHEMA,
        method=METHOD,
        example=wanted.example,
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
    return record, Roofs((("float32", 1 / (target * SECONDS)),) if target > 0 else ())


def _point(name: str, parameters: tuple[tuple[str, str], ...], quantity: str, target: float) -> Point:
    if quantity == "value":
        launches = tuple(Launch(index, "", value=target) for index in range(LAUNCHES))
        return Point(name, parameters, "value", launches)
    if quantity == "time":
        return Point(name, parameters, "time", _timed(target))
    if quantity == "device-time":
        launches = tuple(replace(one, cpu_ns=(), switches=(), device_ns=one.wall_ns) for one in _timed(target))
        return Point(name, parameters, "time", launches)
    amount = target * SECONDS
    work = {
        "rate": Work(flop=amount),
        "bandwidth": Work(bytes=amount),
        "intensity": Work(flop=target, bytes=1.0),
        "roof-share": Work(flop=1.0),
    }.get(quantity)
    memory = Memory("host", "planted", 0, round(target)) if quantity == "memory" else None
    energy = Energy("planted", target, SECONDS, 1) if quantity == "energy" else None
    return Point(name, parameters, "time", _timed(), dtype="float32", work=work, memory=memory, energy=energy)


def _timed(seconds: float = SECONDS) -> tuple[Launch, ...]:
    calls = max(1, ceil(SECONDS / seconds))
    wall = (round(seconds * calls * 1e9),) * BLOCKS
    return tuple(Launch(index, "", calls, 1, wall, wall, (0,) * BLOCKS) for index in range(LAUNCHES))
