"""Parses quantities as people write them, such as `about 3.35 TB/s`."""

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
    """A `value` in a `unit` as people write it: `GB/s`, `FLOP`, `1`."""

    value: float
    unit: str

    @property
    def base(self) -> float:
        """The value in base units: those of the SI, bytes, dollars, and each count itself."""
        return to_base(self.value, self.unit)


def to_base(value: float, unit_text: str) -> float:
    """Return the number in base units."""
    return float((value * unit(unit_text)).to_base_units().magnitude)


def from_base(value: float, unit_text: str) -> float:
    """Return a number of base units in that unit."""
    return value / to_base(1.0, unit_text)


def parse_amount(text: str | float, default: str = "1") -> Amount:
    """Return the amount, in the default unit if it names none. Raises BadUnit unless it is a single quantity."""
    if isinstance(text, bool):
        raise BadUnit(f"{str(text).lower()} is not a quantity")
    if isinstance(text, int | float):
        return Amount(float(text), default)
    words = re.sub(r"^(?:about|some|around|~|≈)\s*", "", text.strip())
    for pattern, what in ((RANGE, "a range"), (BOUND, "a bound")):
        if pattern.search(words[:LONGEST]):
            raise BadUnit(f"{text[:LONGEST]!r} is {what}, not a single quantity")
    match = NUMBER.match(words)
    if not match or len(words) > LONGEST:
        raise BadUnit(f"{text[:LONGEST]!r} is not a quantity", "write a number and a unit, such as 3.35 TB/s")
    rest = words[match.end() :].strip()
    if re.match(r"[\d.,]", rest):
        raise BadUnit(f"{text[:LONGEST]!r} is not a single number")
    if rest:
        unit(rest)
    return Amount(_value(match), rest or default)


def are_compatible(a: str, b: str) -> bool:
    """Whether a quantity in one unit can be given where the other is expected.

    Tokens are not requests, but a count may replace a plain number, and a plain number a count.
    """
    powers = [dict(unit(text).dimensionality.items()) for text in (a, b)]
    return powers[0] == powers[1] or ({} in powers and all(map(is_count, powers)))


def dimension_of(text: str) -> str:
    """Return the dimension of a unit in words: `[information] / [time]`, `a plain number`."""
    dimensionality: Any = unit(text).dimensionality
    return str(dimensionality) if dimensionality else "a plain number"


def _value(match: re.Match[str]) -> float:
    digits = re.sub(r"[ ,\u00a0\u202f]", "", match["digits"])
    power = (match["e"] or match["ten"] or match["raised"] or "0").translate(RAISED)
    return float(f"{digits}e{power}")
