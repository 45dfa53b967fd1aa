"""The lint of hand-written prose: a quantity typed into it goes stale without a sign."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from stackdoc.errors import Problem

HINT = "write it as {measured}, {fact}, or {given} where it is assumed"

# What may hold any number: fenced blocks, roles, code, mathematics, links' targets, HTML tags and comments.
BLOCKS = re.compile(r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[^\n]*\n.*?^(?P=indent)(?P=fence)[ \t]*$", re.M | re.S)
WHEN = re.compile(r"[ \t]*when:")  # begins a fence whose other keys hold prose
SPANS = re.compile(r"(?:\{\w+\})?(?P<ticks>`+)[^`].*?(?P=ticks)|\]\([^)\n]*\)|<!--.*?-->|<[^<>\n]*>|https?://\S+", re.S)
REFERENCES = re.compile(r"^## References\n.*?(?=^## |\Z)", re.M | re.S)

PREFIX = r"(?:[kKMGTPE]i?|[munµμp])?"
UNIT = "|".join(
    (
        rf"{PREFIX}(?:FLOPS?|FLOP/s|Hz|Wh|W|J|B|b|bit/s)(?:/(?:s|B|h|FLOP|tokens?))?",
        r"[munµμ]?s(?:econds?)?|(?:milli|micro|nano)seconds?|min(?:utes?)?|h(?:ours?)?|days?",
        r"bytes?|tokens?(?:/s)?|percent|watts?|volts?|joules?|parameters?|(?:m|b|tr)illions?(?: \w+)?",
        r"%|×|x|°C|nm|mm²",
    )
)
NUMBER = r"(?<![\w.,/-])(?:\d{1,3}(?:[  ,]\d{3})+|\d+)(?:\.\d+)?(?:e[+-]?\d+)?"
QUANTITY = re.compile(rf"{NUMBER}[  ]?(?:{UNIT})(?![\w/])|[$€£] ?\d[\d.,]*")


FOLDERS = ("layers", "systems", "alternatives")  # of the texts that the rule is for


def linted(path: str, text: str) -> Iterator[Problem]:
    """The problems of the page whose source is `path`, where the rule is for it."""
    if PurePosixPath(path).parent.name in FOLDERS:
        yield from typed_quantities(path, text)


def typed_quantities(path: str, text: str) -> Iterator[Problem]:
    """A problem for each number with a unit that neither a record nor a source stands behind."""
    prose = BLOCKS.sub(_outside, text)
    for kept in (REFERENCES, SPANS):
        prose = kept.sub(_blank, prose)
    for found in QUANTITY.finditer(prose):
        yield Problem(path, prose.count("\n", 0, found.start()) + 1, "", f"the quantity {found[0]!r} is typed", HINT)


def _outside(found: re.Match[str]) -> str:
    """Nothing of a block, but the prose of one that follows the figures."""
    first, *lines, last = found[0].split("\n")
    prose = first.strip().lstrip("`~").strip() == "stackdoc" and lines and WHEN.match(lines[0])
    return "\n".join(["", *lines, ""]) if prose and last else _blank(found)


def _blank(found: re.Match[str]) -> str:
    """As many lines with nothing on them."""
    return " " + "\n" * found[0].count("\n")
