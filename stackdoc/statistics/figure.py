"""A figure: a number with its interval, and how it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from stackdoc.model.prefixes import DECIMAL
from stackdoc.statistics.summary import Quality, magnitude, significant_digits

PREFIXES = {0: "", **{power: symbol for symbol, power in DECIMAL.values() if -12 <= power <= 15}}
PREFIXED = frozenset({"s", "B", "B/s", "FLOP", "FLOP/s", "J", "W", "Hz"})
THIN_SPACE = "\u202f"
MINUS = "\u2212"
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SMALL = 1e-4  # numbers below it are written with a power of ten


@dataclass(frozen=True)
class Figure:
    """`value` with its interval in SI base units; a share, as a fraction of 1, has the unit `%`, a ratio `×`.

    If the machine was shared, `estimate` is `best`: a bound without an interval.
    """

    value: float
    low: float | None
    high: float | None
    unit: str
    quality: Quality = "quiet"
    estimate: Literal["median", "best"] = "median"


def format_figure(figure: Figure) -> str:
    """Return the figure with an SI prefix and the digits that its interval allows: `3.29 ms`, `4.9 B/token`, `29×`."""
    value, unit = figure.value, figure.unit
    digits = significant_digits(value, figure.low, figure.high)
    place = _last_place(figure, digits)
    if unit == "%":
        return f"{_number(value, -2, place)} %"
    power = _power(figure, place) if unit in PREFIXED else 0
    number = _number(value, power, place)
    if digits == 4 and "." in number:
        number = number.rstrip("0").rstrip(".")
    if unit == "×":
        return f"{number}×"
    per = unit[1:] if unit.startswith("1/") else unit  # `52 /s`, since `52 1/s` reads as two numbers
    return f"{number} {PREFIXES[power]}{per}".rstrip()


def format_seconds(seconds: float) -> str:
    """Return a duration without an interval, such as a prediction: `3.3 ms`."""
    return format_figure(Figure(seconds, None, None, "s"))


def _last_place(figure: Figure, digits: int) -> int:
    """Return the power of ten of the last digit shown; a figure and its bounds share it."""
    if figure.low is not None and figure.high is not None and figure.high > figure.low and digits < 3:
        largest = max(abs(figure.value), abs(figure.low), abs(figure.high))
        place = min(magnitude((figure.high - figure.low) / 2), magnitude(largest))
        is_lost = 0.5 * 10.0 ** (place - 2) < abs(figure.value) <= 0.5 * 10.0**place  # rounded to zero
        return max(magnitude(figure.value), place - 2) if is_lost else place
    return magnitude(float(f"{figure.value:.{digits - 1}e}")) - digits + 1 if figure.value else 0


def _power(figure: Figure, place: int) -> int:
    """Return the power of the prefix: that of the largest of the figure and its bounds, which share it."""
    largest = max(abs(number) for number in (figure.value, figure.low, figure.high) if number is not None)
    rounded = round(largest / 10.0**place) * 10.0**place
    power = magnitude(rounded) // 3 * 3 if rounded else 0
    return min(max(power, min(PREFIXES)), max(PREFIXES))


def _number(value: float, power: int, place: int) -> str:
    """Return `value` in units of 10^power, rounded at 10^place, with thousands separated from five digits on."""
    rounded = round(value, -place) * 10.0**-power  # a tie is rounded by the exact binary value
    if 0 < abs(rounded) < SMALL:
        power = magnitude(rounded) + power
        return f"{_number(value, power, place)}×10{str(power).translate(RAISED)}"
    text = f"{rounded:,.{max(power - place, 0)}f}"
    return text.replace(",", THIN_SPACE if abs(rounded) >= 10_000 else "").replace("-", MINUS)
