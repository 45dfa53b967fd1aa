"""A result in print: so many digits as it deserves, with a unit that suits it."""

from __future__ import annotations

from stackdoc.laws.amount import from_base
from stackdoc.laws.units import COUNTS, OTHER_NAMES
from stackdoc.render.values.record_view import NBSP
from stackdoc.statistics import Figure, format_figure
from stackdoc.statistics.figure import MINUS, PREFIXED, PREFIXES, RAISED, THIN_SPACE

DIGITS = 3  # of a result that has no interval
WHOLE = 10_000  # below which a whole number is written out
LONGEST_SECONDS = 1000.0  # from which on nobody says seconds with a prefix
UNPREFIXED = {"1", ""}
COUNTED = {*COUNTS, "day", "week", "month", "year"} - {"FLOP", "nat"}  # words that have a plural


def shown(value: float, unit: str, low: float | None = None, high: float | None = None, asked: str = "") -> str:
    """`2.68 GB`: `value` and its bounds are in SI base units, `unit` is the law's, `asked` what the author wants."""
    wanted = asked or _suited(value, unit)
    scale = 1.0 / from_base(1.0, wanted)
    if low is not None and high is not None and high > low:
        return _bounded(value / scale, low / scale, high / scale, wanted)
    return joined(number(value / scale), wanted)


def bounds(unit: str, low: float, high: float, value: float, asked: str = "") -> str:
    """`2.61 to 2.74 GB`, in the unit of the value itself."""
    wanted = asked or _suited(value, unit)
    scale = 1.0 / from_base(1.0, wanted)
    return joined(" to ".join(number(bound / scale) for bound in (low, high)), wanted)


def joined(text: str, unit: str) -> str:
    """The number with its unit, on one line; a plain number has none."""
    if unit in UNPREFIXED:
        return text
    if unit == "×":
        return f"{text}×"
    many = "s" if unit in COUNTED and text != "1" else ""
    return f"{text}{NBSP}{unit.removeprefix('1') if unit.startswith('1/') else unit}{many}"


def uncounted(words: str) -> str:
    """`8192` of `8192 tokens`: inside of a law counts are plain numbers; any other unit stays."""
    digits, _, unit = words.rpartition(NBSP)
    return digits if digits and unit.removesuffix("s") in {*COUNTS, *OTHER_NAMES} - {"FLOP"} else words


def number(value: float) -> str:
    """`295`, `2048`, `0.0421`, `5.88×10²³`: three digits, a small whole number in full."""
    if value == 0:
        return "0"
    if value == round(value) and abs(value) < WHOLE:
        return f"{value:.0f}".replace("-", MINUS)
    digits, _, power = f"{value:.{DIGITS - 1}e}".partition("e")
    if not -4 < int(power) < 7:
        return f"{digits}×10{str(int(power)).translate(RAISED)}".replace("-", MINUS)
    text = f"{float(f'{value:.{DIGITS}g}'):,.{max(DIGITS - 1 - int(power), 0)}f}"
    return text.replace(",", THIN_SPACE if abs(value) >= WHOLE else "").replace("-", MINUS)


def exact(value: float) -> str:
    """A number as somebody wrote it, `8192`, `7×10¹⁰`, `0.125`: no digit more or less."""
    shortest = repr(value)
    digits, _, power = f"{value:.15e}".partition("e")
    if -5 < int(power) < 7:
        return (shortest.removesuffix(".0") if "e" not in shortest else f"{value:f}".rstrip("0")).replace("-", MINUS)
    mantissa = digits.rstrip("0").rstrip(".")
    return f"{mantissa}×10{str(int(power)).translate(RAISED)}".replace("-", MINUS)


def _bounded(value: float, low: float, high: float, unit: str) -> str:
    """To the digits that the interval allows."""
    return joined(format_figure(Figure(value, low, high, "")).strip(), unit)


def _suited(value: float, unit: str) -> str:
    """The law's unit with the prefix that suits the value, where it is one that takes prefixes."""
    base = from_base(value, unit) if unit in PREFIXED else 0.0
    if not base or (unit == "s" and abs(base) >= LONGEST_SECONDS):
        return unit
    power = int(f"{abs(base):.{DIGITS - 1}e}".partition("e")[2]) // 3 * 3
    prefix = PREFIXES.get(power)
    if prefix is None or (unit == "s" and power > 0):
        return unit
    return f"{prefix}{unit}"
