"""What a figure draws: the marks of points, and roofs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mark:
    """One point of a figure: numbers in the unit of its axis, `text` is what a person reads on it.

    `x` is the sweep's parameter or the arithmetic intensity.
    """

    key: str
    label: str
    series: str
    value: float
    text: str
    low: float | None = None
    high: float | None = None
    best: float | None = None
    launches: tuple[float, ...] = ()
    prediction: float | None = None
    x: float | None = None

    @property
    def foretold(self) -> bool:
        """Whether an example reported it as its prediction, by the name of the point."""
        words = self.key.partition(";")[0].split("-")
        return "predicted" in (words[0], words[-1])


@dataclass(frozen=True)
class Roof:
    """A measured ceiling: `rate` in the unit of the axis, or `slope` in that unit for each unit of x."""

    label: str
    rate: float = 0.0
    slope: float = 0.0

    def at(self, x: float) -> float:
        return self.slope * x if self.slope else self.rate
