"""A calculator: inputs with units, and laws that are computed one after another."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from stackdoc.laws.amount import to_base
from stackdoc.laws.evaluate import evaluate
from stackdoc.laws.law import Law


@dataclass(frozen=True)
class Input:
    """A number that the reader can change: `value`, `least` and `most` are in `unit`, the unit of the field."""

    id: str
    means: str
    unit: str
    value: float
    least: float
    most: float


@dataclass(frozen=True)
class LawStep:
    """A result: `law` with an input, an earlier step or a plain number for each of its symbols.

    It is shown in `unit`, or in that of the law.
    """

    id: str
    means: str
    law: str
    symbols: Mapping[str, str]
    unit: str = ""


def is_number(text: str) -> bool:
    """Whether a symbol is given as a plain number."""
    return re.fullmatch(r"\d+(\.\d+)?", text) is not None


@dataclass(frozen=True)
class Preset:
    """Values of some inputs under a name, such as a device: each is `fact:ID`, or an amount with a unit."""

    name: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Largest:
    """A sentence that depends on which of several steps is the largest: the `words` of that step."""

    means: str
    words: Mapping[str, str]


@dataclass(frozen=True)
class Calculator:
    """`roofs` maps inputs to a roof of a measured machine: `bandwidth`, or a number format for its rate."""

    id: str
    layer: str
    title: str
    inputs: tuple[Input, ...]
    steps: tuple[LawStep, ...]
    presets: tuple[Preset, ...] = ()
    roofs: Mapping[str, str] = field(default_factory=dict)
    largest: Largest | None = None
    note: str = ""

    @property
    def defaults(self) -> dict[str, float]:
        """The inputs in base units."""
        return {entry.id: to_base(entry.value, entry.unit) for entry in self.inputs}


def compute(calculator: Calculator, laws: Mapping[str, Law], inputs: Mapping[str, float]) -> dict[str, float]:
    """Return every step in base units, from inputs in base units. Raises NoValue."""
    values = dict(inputs)
    for step in calculator.steps:
        given = {name: values[of] if of in values else float(of) for name, of in step.symbols.items()}
        values[step.id] = evaluate(laws[step.law].tree, given)
    return {step.id: values[step.id] for step in calculator.steps}


def winner(calculator: Calculator, results: Mapping[str, float]) -> str:
    """Return the words of the largest of the steps that `largest` compares, or an empty string."""
    if calculator.largest is None:
        return ""
    words = calculator.largest.words
    return words[max(words, key=lambda id: results[id])]
