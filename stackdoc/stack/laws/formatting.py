"""Format a result: significant digits and a suitable unit."""

from __future__ import annotations

from stackdoc.laws.amount import from_base, to_base
from stackdoc.laws.units import COUNTS, OTHER_NAMES
from stackdoc.render.values.record_view import NBSP
from stackdoc.statistics import Figure, format_figure
from stackdoc.statistics.figure import MINUS, PREFIXED, PREFIXES, RAISED, THIN_SPACE

DIGITS = 3  # significant digits of a result without an interval
WHOLE_BELOW = 10_000  # a smaller whole number is printed in full
LONGEST_SECONDS = 1000.0  # a longer time is printed without a prefix
UNITLESS = {"1", ""}
COUNTED = {*COUNTS, "day", "week", "month", "year"} - {"FLOP", "nat"}  # units with a plural form


def format_value(
    value: float, unit: str, low: float | None = None, high: float | None = None, requested: str = ""
) -> str:
    """Format `value` and its bounds, given in SI base units: `2.68 GB`.

    `unit` is the unit of the law, `requested` the unit that the author asks for, if any.
    """
    display_unit = requested or _suitable_unit(value, unit)
    scale = to_base(1.0, display_unit)
    if low is not None and high is not None and high > low:
        return _format_with_interval(value / scale, low / scale, high / scale, display_unit)
    return with_unit(format_number(value / scale), display_unit)


def format_bounds(unit: str, low: float, high: float, value: float, requested: str = "") -> str:
    """Format an interval in the unit that `value` is shown in: `2.61 to 2.74 GB`."""
    display_unit = requested or _suitable_unit(value, unit)
    scale = to_base(1.0, display_unit)
    return with_unit(" to ".join(format_number(bound / scale) for bound in (low, high)), display_unit)


def with_unit(text: str, unit: str) -> str:
    """Join a number and its unit with a non-breaking space; a plain number has no unit."""
    if unit in UNITLESS:
        return text
    if unit == "×":
        return f"{text}×"
    many = "s" if unit in COUNTED and text != "1" else ""
    return f"{text}{NBSP}{unit.removeprefix('1') if unit.startswith('1/') else unit}{many}"


def without_count(words: str) -> str:
    """Drop the unit of a count, as inside a formula: `8192` for `8192 tokens`. Any other unit stays."""
    digits, _, unit = words.rpartition(NBSP)
    return digits if digits and unit.removesuffix("s") in {*COUNTS, *OTHER_NAMES} - {"FLOP"} else words


def format_number(value: float) -> str:
    """Round to three digits, a small whole number not at all: `295`, `2048`, `0.0421`, `5.88×10²³`."""
    if value == 0:
        return "0"
    if value == round(value) and abs(value) < WHOLE_BELOW:
        return f"{value:.0f}".replace("-", MINUS)
    digits, _, power = f"{value:.{DIGITS - 1}e}".partition("e")
    if not -4 < int(power) < 7:
        return f"{digits}×10{str(int(power)).translate(RAISED)}".replace("-", MINUS)
    text = f"{float(f'{value:.{DIGITS}g}'):,.{max(DIGITS - 1 - int(power), 0)}f}"
    return text.replace(",", THIN_SPACE if abs(value) >= WHOLE_BELOW else "").replace("-", MINUS)


def format_exact(value: float) -> str:
    """Print every digit of a number: `8192`, `7×10¹⁰`, `0.125`."""
    shortest = repr(value)
    digits, _, power = f"{value:.15e}".partition("e")
    if -5 < int(power) < 7:
        return (shortest.removesuffix(".0") if "e" not in shortest else f"{value:f}".rstrip("0")).replace("-", MINUS)
    mantissa = digits.rstrip("0").rstrip(".")
    return f"{mantissa}×10{str(int(power)).translate(RAISED)}".replace("-", MINUS)


def _format_with_interval(value: float, low: float, high: float, unit: str) -> str:
    """Round to the digits that the interval justifies."""
    return with_unit(format_figure(Figure(value, low, high, "")).strip(), unit)


def _suitable_unit(value: float, unit: str) -> str:
    """Add the prefix that suits the value, if the unit takes prefixes."""
    base = from_base(value, unit) if unit in PREFIXED else 0.0
    if not base or (unit == "s" and abs(base) >= LONGEST_SECONDS):
        return unit
    power = int(f"{abs(base):.{DIGITS - 1}e}".partition("e")[2]) // 3 * 3
    prefix = PREFIXES.get(power)
    if prefix is None or (unit == "s" and power > 0):
        return unit
    return f"{prefix}{unit}"
