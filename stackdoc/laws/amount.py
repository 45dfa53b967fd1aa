"""A quantity as people print it, `about 3.35 TB/s`, read as one number with a unit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from stackdoc.laws.units import BadUnit, is_count, unit

NUMBER = re.compile(
    r"(?P<digits>[+-]?(?:\d{1,3}(?:[ ,\u00a0\u202f]\d{3})+|\d+)(?:\.\d+)?|[+-]?\.\d+)"
    r"(?:[eE](?P<e>[+-]?\d{1,2})"
    r"|\s*[×x*·]\s*10(?:(?:\^|\*\*)(?P<ten>[+-]?\d{1,2})|(?P<raised>[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2})))?"
)
RAISED = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
RANGE = re.compile(r"\d\s*(?:to|–|—|\.\.)\s*\d")
BOUND = re.compile(r"(?:up to|over|under|at least|at most|more than|less than|[<>≤≥])\s*\d")
LONGEST = 80


@dataclass(frozen=True)
class Amount:
    """`value` in `unit`, which is written as people write it: `GB/s`, `FLOP`, `1`."""

    value: float
    unit: str

    @property
    def base(self) -> float:
        """In SI base units, a byte being the base of information, a dollar that of money, a count that of itself."""
        return to_base(self.value, self.unit)


def to_base(value: float, unit_text: str) -> float:
    """The number in SI base units."""
    return float((value * unit(unit_text)).to_base_units().magnitude)


def from_base(value: float, unit_text: str) -> float:
    """A number in SI base units, in that unit."""
    return value / to_base(1.0, unit_text)


def read(text: str | float, default: str = "1") -> Amount:
    """The amount; one without a unit is in the default one. Raises BadUnit for anything but one number with a unit."""
    if isinstance(text, bool):
        raise BadUnit(f"{str(text).lower()} is no quantity")
    if isinstance(text, int | float):
        return Amount(float(text), default)
    words = re.sub(r"^(?:about|some|around|~|≈)\s*", "", text.strip())
    found = NUMBER.match(words)
    for pattern, kind in ((RANGE, "a range"), (BOUND, "a bound")):
        if pattern.search(words[:LONGEST]):
            raise BadUnit(f"{text[:LONGEST]!r} is {kind}, no single quantity")
    if not found or len(words) > LONGEST:
        raise BadUnit(f"{text[:LONGEST]!r} is no quantity", "write a number and a unit, such as 3.35 TB/s")
    rest = words[found.end() :].strip()
    if re.match(r"[\d.,]", rest):
        raise BadUnit(f"{text[:LONGEST]!r} is no single number")
    if rest:
        unit(rest)
    return Amount(_value(found), rest or default)


def same_kind(one: str, other: str) -> bool:
    """Whether a quantity in one unit can be put where the other is expected.

    Tokens are no requests, but a plain number may be put for a count, and a count for a plain number.
    """
    kinds = [dict(unit(text).dimensionality.items()) for text in (one, other)]
    return kinds[0] == kinds[1] or ({} in kinds and all(map(is_count, kinds)))


def kind(text: str) -> str:
    """The dimensions of a unit in words: `[information] / [time]`, `a plain number`."""
    found: Any = unit(text).dimensionality
    return str(found) if found else "a plain number"


def _value(found: re.Match[str]) -> float:
    digits = re.sub(r"[ ,\u00a0\u202f]", "", found["digits"])
    power = (found["e"] or found["ten"] or found["raised"] or "0").translate(RAISED)
    return float(f"{digits}e{power}")
