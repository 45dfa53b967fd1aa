"""What a user got wrong, said once, in one line, with the place and a remedy."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

COMPARED = 500  # words: a hostile file may know any number


@dataclass(frozen=True, order=True)
class Problem:
    """One fault of the input.

    `file` is relative to the project's root, `line` counts from 1 (0: the whole file), `where` is
    the place inside the data (`layers[2].atoms`), `message` says what was found and what is known,
    `hint` what to do.
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
        return f"{text}; {self.hint}" if self.hint else text


class StackdocError(Exception):
    """All problems of one step, never only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The hint for an unknown word: the nearest known one, or all known ones when they are few."""
    names = sorted(known)
    near = difflib.get_close_matches(word[:100], names[:COMPARED], n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"known: {', '.join(names)}" if 0 < len(names) <= 12 else ""
