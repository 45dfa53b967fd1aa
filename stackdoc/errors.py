"""Problems in a user's input, each one line with its place and a remedy, and text made safe to print."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

# C0 and C1 controls except tab and newline, soft hyphens, bidirectional overrides, zero-width characters, line
# separators, byte-order marks and lone surrogates: useless in a name, and each can make text look like something else.
# Joiners (U+200C, U+200D) are not among them: Persian, Hindi and many emoji are spelt with them.
HARMFUL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
LONGEST_LINE = 2000  # characters of a problem, of which a file may contain any number
COMPARED = 500  # known words at most, since a hostile file may define any number


@dataclass(frozen=True, order=True)
class Problem:
    """One fault of the input.

    `file` is relative to the project's root, `line` counts from 1 (0: the whole file), `where` is the place inside
    the data (`layers[2].atoms`), `message` states what was found and what is valid, `hint` what to do.
    """

    file: str
    line: int
    where: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        parts = [part for part in (place, self.where) if part]
        text = ": ".join([*parts, self.message])
        line = printable(f"{text}; {self.hint}" if self.hint else text)
        return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…"


class StackdocError(Exception):
    """Raised with all problems of a step, never only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def clean(text: object) -> str:
    """Return the text with each character of HARMFUL replaced by `�`."""
    words = str(text)
    return words if words.isascii() and words.isprintable() else HARMFUL.sub("\ufffd", words)


def printable(text: object) -> str:
    """Return clean text on one line: line ends and tabs become spaces, so that no text can forge a line of a log."""
    return clean(re.sub(r"[\t\r\n\v\f]", " ", str(text)))


def line(text: object) -> str:
    """Return clean text on one line: runs of white space become one blank; no-break spaces stay."""
    return clean(re.sub(r"[ \t\r\n\f\v]+", " ", str(text)).strip(" "))


def count(number: int, noun: str, plural: str = "") -> str:
    """Return `1 vote`, `3 votes`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def capitalised(words: str) -> str:
    """Return the words with a capital letter."""
    return words[:1].upper() + words[1:]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return the hint for an unknown word: the nearest known one, all of them if there are few, or nothing."""

    names = sorted(known)
    near = difflib.get_close_matches(word[:100], names[:COMPARED], n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"known: {', '.join(names)}" if 0 < len(names) <= 12 else ""
