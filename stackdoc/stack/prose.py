"""Lint hand-written prose: a quantity typed into it goes stale unnoticed."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from pathlib import PurePosixPath

from stackdoc.errors import Problem

HINT = "write it as {measured} or {fact}, or as {given} if it is an assumption"

# Numbers are allowed in fenced blocks, roles, code, mathematics, link targets, HTML tags and comments.
FENCE = re.compile(r"[ \t]*(?:`{3,}(?!`)|~{3,}(?!~))")
WHEN = re.compile(r"[ \t]*when:")  # begins a fence whose other keys contain prose
SPANS = re.compile(
    r"(?:\{\w+\})?(?P<ticks>`+)[^`].*?(?P=ticks)|\]\((?:(?!\]\()[^)\n])*\)|<!--.*?(?:-->|\Z)|<[^<>\n]*>|https?://\S+",
    re.S,
)
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
NUMBER = r"(?<![\w.,/-])(?:\d{1,3}(?:[  ,]\d{3}){1,8}|\d+)(?:\.\d+)?(?:e[+-]?\d+)?"
QUANTITY = re.compile(rf"{NUMBER}[  ]?(?:{UNIT})(?![\w/])|[$€£] ?\d[\d.,]*")


FOLDERS = ("layers", "systems", "alternatives")  # whose pages are linted


def linted(path: str, text: str) -> Iterator[Problem]:
    """Yield the problems of the page `path`, if the rule applies to its folder."""
    if PurePosixPath(path).parent.name in FOLDERS:
        yield from typed_quantities(path, text)


def typed_quantities(path: str, text: str) -> Iterator[Problem]:
    """Yield a problem for each number with a unit that comes from neither a record nor a source."""
    prose = _without_blocks(text)
    for allowed in (REFERENCES, SPANS):
        prose = allowed.sub(_blank, prose)
    for quantity in QUANTITY.finditer(prose):
        yield Problem(
            path, prose.count("\n", 0, quantity.start()) + 1, "", f"the quantity {quantity[0]!r} is typed by hand", HINT
        )


def _without_blocks(text: str) -> str:
    """Blank the fenced blocks, except the prose in a fence `when`. A fence that is never closed is prose too."""
    lines = text.split("\n")
    fences: dict[str, list[int]] = defaultdict(list)  # the lines that may close one, by their text
    for number, line in enumerate(lines):
        if FENCE.fullmatch(line.rstrip(" \t")):
            fences[line.rstrip(" \t")].append(number)
    number = 0
    while number < len(lines):
        opening = FENCE.match(lines[number])
        ends = fences[opening[0]] if opening else []
        if (later := bisect_right(ends, number)) < len(ends):
            end = ends[later]
            is_prose = lines[number].strip(" \t`~") == "stackdoc" and WHEN.match(lines[number + 1])
            kept = lines[number + 1 : end] if is_prose else [""] * (end - number - 1)
            lines[number : end + 1] = ["", *kept, ""]
            number = end
        number += 1
    return "\n".join(lines)


def _blank(match: re.Match[str]) -> str:
    """Replace the match by as many empty lines."""
    return " " + "\n" * match[0].count("\n")
