"""Finds numbers with units in running text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from stackdoc.model.prefixes import BINARY, DECIMAL
from stackdoc.statistics.figure import PREFIXES

POWERS = {symbol: power for power, symbol in PREFIXES.items()} | {"u": -6, "\u03bc": -6, "K": 3}  # with other spellings
NAMED_POWERS = {"": 0} | {name: power for name, (_, power) in DECIMAL.items() if power in PREFIXES}
BASES = {
    **dict.fromkeys(("s", "sec"), "s"),
    **dict.fromkeys(("B/s", "Bps"), "B/s"),
    **dict.fromkeys(("FLOP/s", "FLOPS", "FLOPs/s", "Flop/s", "flop/s", "flops", "Flops"), "FLOP/s"),
    **dict.fromkeys(("FLOP", "FLOPs", "Flop", "flop"), "FLOP"),
    **{name: name for name in ("B", "J", "W", "Hz", "FLOP/B")},
}
IN_WORDS = {"second": "s", "byte": "B", "joule": "J", "watt": "W", "hertz": "Hz"}
NUMBER = r"\d{1,3}(?:[,\u202f\u2009]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
POWER = r"(?:[eE][-+−]?\d{1,3}|\s?[×·x]\s?10\^?[-−⁻]?[\d⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2})?"
QUANTITY = re.compile(
    rf"(?<![\w.,;/=#^])(?:(?P<low>(?:{NUMBER}){POWER})(?:\s?(?:–|—|-|to|and|\.\.)\s?))?"
    rf"(?P<number>(?:{NUMBER}){POWER})(?P<gap>[\s\u00a0\u202f\u2009]?|-)"
    r"(?P<unit>[A-Za-zµμ°%×][A-Za-zµμ°%/]*)(?P<more>(?:\s(?:as|faster|slower|less|more|longer|higher|lower))?)"
)
CONFIDENCE = re.compile(r"\s?(?:confidence|CI\b|interval)")
UPRIGHT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")


@dataclass(frozen=True)
class Mention:
    """A number with its unit: `number` times `scale` is the value in the base unit `unit`.

    `places` are the powers of ten that the last significant digit may have: 3400 may be exact to tens or hundreds.
    `printed_unit` is the unit as written, `low` the lower end of a range as written, `before` the preceding text.
    """

    text: str
    number: float
    places: tuple[int, ...]
    unit: str
    scale: float
    printed_unit: str
    low: str = ""
    before: str = ""

    def rounds(self, value: float, scale: float | None = None) -> bool:
        """Return whether the number is `value` (in the base unit), rounded to the number's digits."""
        exact = value / (self.scale if scale is None else scale)
        if not self.number or not exact:
            return self.number == exact
        return any(abs(self.number - exact) <= 0.5 * 10.0**place * (1 + 1e-9) for place in self.places)


def mentions(text: str, units: Collection[str] = ()) -> Iterator[Mention]:
    """Yield every number with a known unit or one of `units`, except confidence levels (`95 %`)."""
    own = sorted((unit for unit in units if unit and known_unit(unit) is None), key=len, reverse=True)
    for match in QUANTITY.finditer(text):
        if match["unit"] == "%" and CONFIDENCE.match(text, match.end()):
            continue
        unit = next((unit for unit in own if _is_unit_at(unit, text, match.start("unit"))), match["unit"])
        known = (unit, 1.0) if unit in own else known_unit(unit, match["more"])
        if known is None:
            continue
        number, places = parse_number(match["number"])
        written = text[match.start("number") : match.start("unit")] + unit
        before = text[max(match.start() - 40, 0) : match.start()]
        yield Mention(written, number, places, *known, unit, match["low"] or "", before)


def _is_unit_at(unit: str, text: str, at: int) -> bool:
    return text.startswith(unit, at) and not re.match(r"[\w/]", text[at + len(unit) :][:1])


def known_unit(unit: str, more: str = "") -> tuple[str, float] | None:
    """Return the base unit and the size of `unit` in it; None if the word is not a unit."""
    unit = unit.rstrip("/")
    if unit == "%":
        return "%", 0.01
    if unit in ("×", "fold") or (unit in ("x", "times") and (more or unit == "x")):
        return "×", 1.0
    if unit in ("min", "h"):
        return "s", {"min": 60.0, "h": 3600.0}[unit]
    for prefix, power in POWERS.items():
        if unit.startswith(prefix) and unit[len(prefix) :] in BASES:
            return BASES[unit[len(prefix) :]], 10.0**power
    for prefix, power in BINARY.values():
        if unit.startswith(prefix) and BASES.get(unit[len(prefix) :], "")[:1] == "B":
            return BASES[unit[len(prefix) :]], 2.0**power
    word = re.fullmatch(rf"({'|'.join(NAMED_POWERS)})({'|'.join(IN_WORDS)})s?", unit.lower())
    return (IN_WORDS[word[2]], 10.0 ** NAMED_POWERS[word[1]]) if word else None


def parse_number(text: str) -> tuple[float, tuple[int, ...]]:
    """Return the number, and the powers of ten that its last significant digit may have."""
    digits, _, exponent = re.sub(r"\s?[×·x]\s?10\^?", "e", text).translate(UPRIGHT).lower().partition("e")
    digits = re.sub(r"[,\u202f\u2009]", "", digits)
    power = int(exponent or 0)
    fraction = digits.partition(".")[2]
    zeros = 0 if "." in digits else len(digits) - len(digits.rstrip("0"))
    return float(f"{digits}e{power}"), tuple(power - len(fraction) + zero for zero in range(max(zeros, 0) + 1))
