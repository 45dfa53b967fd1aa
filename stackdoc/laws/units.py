"""The units of laws: a registry of pint with the units of computing only.

Bytes, seconds, joules, metres and dollars are dimensions that a law must respect. Tokens, requests, FLOP and the like
are counts: within a law they multiply like plain numbers (2 FLOP per parameter and token), but arguments and results
must have the count that the law names, and tokens are never added to requests.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from stackdoc.errors import did_you_mean
from stackdoc.model.prefixes import BINARY, DECIMAL

if TYPE_CHECKING:
    from pint import UnitRegistry

COUNTS = (
    *("FLOP", "token", "request", "parameter", "step", "sample", "sequence", "device", "character", "image"),
    *("event", "person", "nat"),
)
UNITS = """
second = [time] = s
byte = [information] = B
joule = [energy] = J
metre = [length] = m
dollar = [money] = USD
percent = 0.01 = percent
bit = byte / 8 = bit
watt = joule / second = W
watt_hour = 3600 joule = Wh
hertz = 1 / second = Hz
minute = 60 second = min
hour = 60 minute = h
day = 24 hour = day
week = 7 day = week
month = 730 hour = month
year = 8760 hour = year
""".strip().splitlines()
OTHER_NAMES = {"GPU": "device", "occurrence": "event", "failure": "event", "stop": "event", "user": "person"}
SPELLINGS = {"%": "percent", "×": "1", "μ": "µ", "·": "*", "^": "**", "²": "**2", "³": "**3", "\u00a0": " "}

FORM = re.compile(r"(?:1|[A-Za-zµ_]+)(?:\*\*-?[1-9])?(?: ?[*/ ] ?[A-Za-zµ_]+(?:\*\*-?[1-9])?){0,5}")
WORD = re.compile(r"[A-Za-zµ_]+")


class BadUnit(ValueError):
    """Raised for an unknown unit or an invalid quantity; `hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@cache
def registry() -> UnitRegistry[Any]:
    """Return the only registry. Raises ModuleNotFoundError on the base install, which has no pint."""
    from pint import UnitRegistry

    units: UnitRegistry[Any] = UnitRegistry(None, cache_folder=None)
    for name, (short, power) in DECIMAL.items():
        units.define(f"{name}- = 1e{power} = {short}-" + (" = u-" if name == "micro" else ""))
    for name, (short, power) in BINARY.items():
        units.define(f"{name}- = {2**power} = {short}-")
    for unit in UNITS:
        units.define(unit)
    for count in COUNTS:
        units.define(f"{count} = [{count}]")
    for other, name in OTHER_NAMES.items():
        units.define(f"@alias {name} = {other}")
    return units


@cache
def has_pint() -> bool:
    """Whether dimensions can be checked. On a base install they are not: the build of the pages checks them."""
    try:
        import pint  # noqa: F401
    except ModuleNotFoundError:
        return False
    return True


@cache
def unit(text: str) -> Any:
    """Return the unit: `GB/s`, `FLOP`, `USD/kWh`, `1`. Raises BadUnit with the nearest known one."""
    spelling = _normalised(text)
    if spelling in ("", "1"):
        return registry().Unit("")
    if len(spelling) > 60 or not FORM.fullmatch(spelling):
        raise BadUnit(f"{text[:60]!r} is not a unit", "write one such as GB/s, FLOP, USD/kWh, 1")
    for word in WORD.findall(spelling):
        if not _is_known(word):
            raise BadUnit(f"unknown unit {word!r}", did_you_mean(word, names()))
    return registry().parse_units(spelling)


def _normalised(text: str) -> str:
    spelling = text.strip()
    for alternative, canonical in SPELLINGS.items():
        spelling = spelling.replace(alternative, canonical)
    return re.sub(r"1/1|(?<=1)\*", lambda match: "1" if match[0] == "1/1" else "", spelling)


@cache
def _is_known(word: str) -> bool:
    """Whether the registry has the word, alone, with a prefix, or as a plural."""
    from pint.errors import UndefinedUnitError

    try:
        registry().parse_units(word)
    except (UndefinedUnitError, ValueError, AttributeError):
        return False
    return True


@cache
def names() -> tuple[str, ...]:
    """Return units as people write them, with prefixes too, for suggestions."""
    short = ["s", "B", "J", "W", "Wh", "m", "Hz", "bit", "FLOP", "token"]
    prefixed = [f"{prefix}{symbol}" for symbol in short for prefix, _ in (*DECIMAL.values(), *BINARY.values())]
    unprefixed = ["USD", "%", "min", "h", "day", "week", "month", "year", *COUNTS, *OTHER_NAMES]
    return tuple(dict.fromkeys([*unprefixed, *short, *prefixed]))


def is_count(powers: Mapping[str, float]) -> bool:
    """Whether the dimensions are those of a plain number or of a single count."""
    return not powers or any(powers == {f"[{count}]": 1} for count in COUNTS)
