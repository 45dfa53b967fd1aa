"""Numbers with their units as people write them in running text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

PREFIXES = {
    "p": -12,
    "n": -9,
    "u": -6,
    "µ": -6,
    "μ": -6,
    "m": -3,
    "": 0,
    "k": 3,
    "K": 3,
    "M": 6,
    "G": 9,
    "T": 12,
    "P": 15,
}
BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
WORDS = {
    "pico": -12,
    "nano": -9,
    "micro": -6,
    "milli": -3,
    "": 0,
    "kilo": 3,
    "mega": 6,
    "giga": 9,
    "tera": 12,
    "peta": 15,
}
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
UPRIGHT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")


@dataclass(frozen=True)
class Mention:
    """`number` times `scale` is the value in the base unit `unit`; `places` are the powers of ten that may be
    the last digit meant: 3400 can be good to tens or hundreds. `printed_unit` is the unit as written, `low` the
    lower end of a range, as written, and `before` what stands before it."""

    text: str
    number: float
    places: tuple[int, ...]
    unit: str
    scale: float
    printed_unit: str
    low: str = ""
    before: str = ""

    def rounds(self, value: float, scale: float | None = None) -> bool:
        """Whether the number is `value` (in the base unit), rounded to the digits it has."""
        exact = value / (self.scale if scale is None else scale)
        if not self.number or not exact:
            return self.number == exact
        return any(abs(self.number - exact) <= 0.5 * 10.0**place * (1 + 1e-9) for place in self.places)


def mentions(text: str, units: Collection[str] = ()) -> Iterator[Mention]:
    """Every number with a unit we know, or one of `units`; a confidence level (`95 %`) is none."""
    own = sorted((unit for unit in units if unit and known_unit(unit) is None), key=len, reverse=True)
    for found in QUANTITY.finditer(text):
        if found["unit"] == "%" and re.match(r"\s?(?:confidence|CI\b|interval)", text[found.end() :]):
            continue
        unit = next((unit for unit in own if _stands(unit, text, found.start("unit"))), found["unit"])
        known = (unit, 1.0) if unit in own else known_unit(unit, found["more"])
        if known is None:
            continue
        number, places = parsed(found["number"])
        written = text[found.start("number") : found.start("unit")] + unit
        before = text[max(found.start() - 40, 0) : found.start()]
        yield Mention(written, number, places, *known, unit, found["low"] or "", before)


def _stands(unit: str, text: str, at: int) -> bool:
    return text.startswith(unit, at) and not re.match(r"[\w/]", text[at + len(unit) :][:1])


def known_unit(unit: str, more: str = "") -> tuple[str, float] | None:
    """The base unit with what one of `unit` is in it; None for a word that is no unit."""
    unit = unit.rstrip("/")
    if unit == "%":
        return "%", 0.01
    if unit in ("×", "fold") or (unit in ("x", "times") and (more or unit == "x")):
        return "×", 1.0
    if unit in ("min", "h"):
        return "s", {"min": 60.0, "h": 3600.0}[unit]
    for prefix, power in PREFIXES.items():
        if unit.startswith(prefix) and unit[len(prefix) :] in BASES:
            return BASES[unit[len(prefix) :]], 10.0**power
    for prefix, factor in BINARY.items():
        if unit.startswith(prefix) and BASES.get(unit[len(prefix) :], "")[:1] == "B":
            return BASES[unit[len(prefix) :]], float(factor)
    word = re.fullmatch(rf"({'|'.join(WORDS)})({'|'.join(IN_WORDS)})s?", unit.lower())
    return (IN_WORDS[word[2]], 10.0 ** WORDS[word[1]]) if word else None


def parsed(text: str) -> tuple[float, tuple[int, ...]]:
    """The number, and the powers of ten that its last significant digit may have."""
    digits, _, exponent = re.sub(r"\s?[×·x]\s?10\^?", "e", text).translate(UPRIGHT).lower().partition("e")
    digits = re.sub(r"[,\u202f\u2009]", "", digits)
    power = int(exponent or 0)
    fraction = digits.partition(".")[2]
    zeros = 0 if "." in digits else len(digits) - len(digits.rstrip("0"))
    return float(f"{digits}e{power}"), tuple(power - len(fraction) + zero for zero in range(max(zeros, 0) + 1))
