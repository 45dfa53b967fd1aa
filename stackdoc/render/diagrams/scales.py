"""Axes: from values to positions, with round ticks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from stackdoc.statistics.figure import MINUS, RAISED

ScaleName = Literal["linear", "log"]
STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Scale:
    """Maps values from `low` to `high` to positions from `start` to `end`."""

    name: ScaleName
    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        return self.start + (self.end - self.start) * self._share(value)

    def _share(self, value: float) -> float:
        if self.name == "log":
            return (math.log10(value) - math.log10(self.low)) / (math.log10(self.high) - math.log10(self.low))
        return (value - self.low) / (self.high - self.low)

    def value(self, share: float) -> float:
        """Return the value at this share of the way from `low` to `high`."""
        if self.name == "log":
            return float(self.low * (self.high / self.low) ** share)
        return self.low + (self.high - self.low) * share

    def ticks(self, most: int = 6) -> list[float]:
        """Return at most about that many round values within the scale."""
        if self.name == "log":
            first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
            step = max(1, math.ceil((last - first + 1) / most))
            return [10.0**power for power in range(first, last + 1, step)]
        rough = (self.high - self.low) / most
        power = 10.0 ** math.floor(math.log10(rough))
        step_ = next(step * power for step in STEPS if step * power >= rough * 0.999)
        first, last = math.ceil(self.low / step_ - 1e-9), math.floor(self.high / step_ + 1e-9)
        return [index * step_ for index in range(first, last + 1)]


def scale(name: ScaleName, values: list[float], start: float, end: float) -> Scale:
    """Return a scale for the values: linear from 0, logarithmic from the power of ten below the smallest."""
    if name == "log":
        positive = [value for value in values if value > 0] or [1.0]
        low, high = 10.0 ** math.floor(math.log10(min(positive)) - 1e-9), max(positive) * 1.1
        return Scale("log", low, max(high, low * 10), start, end)
    low, high = min(0.0, *values), max(0.0, *values)
    return Scale("linear", low, high if high > low else low + 1.0, start, end)


def tick_text(value: float) -> str:
    """Return `0`, `250`, `0.5`, `10⁶`."""
    if value and not 1e-3 <= abs(value) < 1e5:
        digits, _, power = f"{value:.2e}".partition("e")
        mantissa = digits.rstrip("0").rstrip(".")
        raised = f"10{str(int(power)).translate(RAISED)}"
        return raised if mantissa == "1" else f"{mantissa}×{raised}".replace("-", MINUS)
    return f"{value:.6g}".replace("-", MINUS)
