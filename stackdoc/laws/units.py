"""The units of laws, by pint with a registry of our own: what computing counts, pays and takes, and nothing else.

Bytes, seconds, joules, metres and dollars are dimensions that a law must respect. Tokens, requests, FLOP and the like
are counts: inside of a law they multiply as plain numbers do (2 FLOP for each parameter and token), but what is put
into a law or comes out of it is of the count that the law names, and tokens are never added to requests.
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
SPELT = {"%": "percent", "×": "1", "μ": "µ", "·": "*", "^": "**", "²": "**2", "³": "**3", "\u00a0": " "}

FORM = re.compile(r"(?:1|[A-Za-zµ_]+)(?:\*\*-?[1-9])?(?: ?[*/ ] ?[A-Za-zµ_]+(?:\*\*-?[1-9])?){0,5}")
WORD = re.compile(r"[A-Za-zµ_]+")


class BadUnit(ValueError):
    """A unit that is not known, or a quantity that can't be read; `hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@cache
def registry() -> UnitRegistry[Any]:
    """The one registry. Raises ModuleNotFoundError on the base install, which has no pint."""
    from pint import UnitRegistry

    made: UnitRegistry[Any] = UnitRegistry(None, cache_folder=None)
    for name, (short, power) in DECIMAL.items():
        made.define(f"{name}- = 1e{power} = {short}-" + (" = u-" if name == "micro" else ""))
    for name, (short, power) in BINARY.items():
        made.define(f"{name}- = {2**power} = {short}-")
    for unit in UNITS:
        made.define(unit)
    for count in COUNTS:
        made.define(f"{count} = [{count}]")
    for other, name in OTHER_NAMES.items():
        made.define(f"@alias {name} = {other}")
    return made


@cache
def has_pint() -> bool:
    """Whether dimensions can be checked; the base install leaves that to whoever builds the pages."""
    try:
        import pint  # noqa: F401
    except ModuleNotFoundError:
        return False
    return True


@cache
def unit(text: str) -> Any:
    """The unit of that name: `GB/s`, `FLOP`, `USD/kWh`, `1`. Raises BadUnit with the nearest known one."""
    spelt = _spelt(text)
    if spelt in ("", "1"):
        return registry().Unit("")
    if len(spelt) > 60 or not FORM.fullmatch(spelt):
        raise BadUnit(f"{text[:60]!r} is no unit", "write one such as GB/s, FLOP, USD/kWh, 1")
    for word in WORD.findall(spelt):
        if word not in _known(word):
            raise BadUnit(f"unknown unit {word!r}", did_you_mean(word, names()))
    return registry().parse_units(spelt)


def _spelt(text: str) -> str:
    spelt = text.strip()
    for one, other in SPELT.items():
        spelt = spelt.replace(one, other)
    return re.sub(r"1/1|(?<=1)\*", lambda found: "1" if found[0] == "1/1" else "", spelt)


@cache
def _known(word: str) -> frozenset[str]:
    """The word itself where the registry has it, alone, with a prefix, or as a plural."""
    from pint.errors import UndefinedUnitError

    try:
        registry().parse_units(word)
    except (UndefinedUnitError, ValueError, AttributeError):
        return frozenset()
    return frozenset({word})


@cache
def names() -> tuple[str, ...]:
    """Units as people write them, those with a prefix included, for what is suggested."""
    short = ["s", "B", "J", "W", "Wh", "m", "Hz", "bit", "FLOP", "token"]
    prefixed = [f"{prefix}{one}" for one in short for prefix, _ in (*DECIMAL.values(), *BINARY.values())]
    whole = ["USD", "%", "min", "h", "day", "week", "month", "year", *COUNTS, *OTHER_NAMES]
    return tuple(dict.fromkeys([*whole, *short, *prefixed]))


def is_count(powers: Mapping[str, float]) -> bool:
    """Whether dimensions are those of a plain number, or of one thing that is counted."""
    return not powers or any(powers == {f"[{count}]": 1} for count in COUNTS)
