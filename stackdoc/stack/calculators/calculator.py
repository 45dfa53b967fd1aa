"""A calculator: inputs with units, and laws that are computed one after another."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import nan

from stackdoc.laws.amount import to_base
from stackdoc.laws.evaluate import NoValue, evaluate
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

    It is shown in `unit`, or in that of the law. `otherwise` are the words where the result is negative or there is
    none, such as that a device is too small.
    """

    id: str
    means: str
    law: str
    symbols: Mapping[str, str]
    unit: str = ""
    otherwise: str = ""


def is_number(text: str) -> bool:
    """Whether a symbol is given as a plain number."""
    return re.fullmatch(r"\d+(\.\d+)?", text) is not None


@dataclass(frozen=True)
class Preset:
    """Values of some inputs under a name: each is `fact:ID`, or an amount with a unit.

    Presets of one `kind` share a menu, which has that name.
    """

    name: str
    values: Mapping[str, str]
    kind: str = "device"


@dataclass(frozen=True)
class MeasuredPresets:
    """Presets from the records of an example: one for each machine and each value of the parameter `over`.

    `values` maps inputs to the names of points.
    """

    example: str
    over: str
    values: Mapping[str, str]
    kind: str = "measured"


@dataclass(frozen=True)
class CurvePoints:
    """Measured points on a curve: those of `example` named `point`, at their parameter, which is the curve's `x`.

    They are points of a calculation whose inputs are `values`, the machine's roofs and, as inputs named in `sizes`,
    the bytes of the number format of the point `format`.
    """

    example: str
    point: str
    format: str
    values: Mapping[str, str]
    sizes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Curve:
    """The step `y` over the input `x` from `least` to `most`, both axes logarithmic."""

    x: str
    y: str
    least: float
    most: float
    points: CurvePoints | None = None


@dataclass(frozen=True)
class Largest:
    """A sentence that depends on which of several steps is the largest: the `words` of that step."""

    means: str
    words: Mapping[str, str]


@dataclass(frozen=True)
class Calculator:
    """`roofs` maps inputs to a roof of a measured machine: `bandwidth`, or `rate` of arithmetic in a number format."""

    id: str
    layer: str
    title: str
    inputs: tuple[Input, ...]
    steps: tuple[LawStep, ...]
    presets: tuple[Preset, ...] = ()
    roofs: Mapping[str, str] = field(default_factory=dict)
    measured: MeasuredPresets | None = None
    curve: Curve | None = None
    largest: Largest | None = None
    note: str = ""

    @property
    def defaults(self) -> dict[str, float]:
        """The inputs in base units."""
        return {entry.id: to_base(entry.value, entry.unit) for entry in self.inputs}


def compute(calculator: Calculator, laws: Mapping[str, Law], inputs: Mapping[str, float]) -> dict[str, float]:
    """Return every step in base units, from inputs in base units. Raises NoValue.

    A step with words for it is NaN where it has no value or a negative one.
    """
    values = dict(inputs)
    for step in calculator.steps:
        given = {name: values[of] if of in values else float(of) for name, of in step.symbols.items()}
        try:
            values[step.id] = evaluate(laws[step.law].tree, given)
        except NoValue:
            if not step.otherwise:
                raise
            values[step.id] = nan
        if step.otherwise and values[step.id] < 0:
            values[step.id] = nan
    return {step.id: values[step.id] for step in calculator.steps}


def winner(calculator: Calculator, results: Mapping[str, float]) -> str:
    """Return the words of the largest of the steps that `largest` compares, or an empty string."""
    if calculator.largest is None:
        return ""
    words = calculator.largest.words
    return words[max(words, key=lambda id: results[id])]
