"""The picture of a comparison: a row for each group of examples, a dot for each timing on one logarithmic axis.

Positions are percentages, so the picture fills whatever width it gets and its text stays text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from statistics import median

from markupsafe import Markup

from stackdoc.render.html.element import element, join
from stackdoc.render.pages.compare.wording import FASTER, SLOWER, gain, speed_up, times
from stackdoc.statistics import Comparison

HEIGHT = 26  # of a row, in CSS pixels
EDGE = 3.0  # percent of the width that stays free on either side
TICKS = tuple(round(digit * 10.0**power, 4) for power in range(-3, 5) for digit in (1, 2, 5))
MOST_TICKS = 7
LEAST_SPAN = 2.0  # the axis reaches at least from half to double


@dataclass(frozen=True)
class Dot:
    """A timing: its comparison, and what it is a timing of."""

    comparison: Comparison
    label: str


@dataclass(frozen=True)
class StripRow:
    """A group of timings; `address` is the page about it or empty."""

    name: str
    address: str
    dots: tuple[Dot, ...]

    @property
    def median(self) -> float:
        return median(speed_up(dot.comparison)[0] for dot in self.dots)

    @property
    def counts(self) -> str:
        """How many of the timings are faster and slower, in words."""
        counted = Counter(dot.comparison.word for dot in self.dots)
        words = [f"{counted[word]} {word}" for word in (FASTER, SLOWER) if counted[word]]  # type: ignore[index]
        return ", ".join(words) or "no difference"


@dataclass(frozen=True)
class Axis:
    """A logarithmic axis of speed-ups."""

    low: float
    high: float

    def at(self, value: float) -> str:
        """Return the position of a value, clipped to the axis, as a percentage of the width."""
        share = log(min(max(value, self.low), self.high) / self.low) / log(self.high / self.low)
        return f"{EDGE + (100 - 2 * EDGE) * share:.2f}%"

    @property
    def ticks(self) -> list[float]:
        """The round values on the axis; only powers of ten if the others would be too many."""
        ticks = [tick for tick in TICKS if self.low <= tick <= self.high]
        return ticks if len(ticks) <= MOST_TICKS else [tick for tick in ticks if f"{tick:e}".startswith("1.0")]


def strip(rows: Sequence[StripRow]) -> Markup | None:
    """Draw the rows that have a timing, or return None if there is none."""
    drawn = [row for row in rows if row.dots]
    if not drawn:
        return None
    values = [speed_up(dot.comparison)[0] for row in drawn for dot in row.dots]
    axis = Axis(min(min(values), 1 / LEAST_SPAN), max(max(values), LEAST_SPAN))
    items = [element("li", *_row(row, axis), class_="sd-strip__row") for row in drawn]
    head = element("div", element("span"), _axis(axis), element("span"), class_="sd-strip__row", aria_hidden="true")
    note = (
        "Each dot is a timing as a speed-up over the base, with its interval as a thin line; it is filled where the "
        "whole interval is more than 5 % away from 1. The upright bar is the middle timing of the row."
    )
    return element("figure", head, element("ol", *items), element("figcaption", note), class_="sd-strip")


def _axis(axis: Axis) -> Markup:
    labels = [
        element("text", _tick_label(tick), x=axis.at(tick), y=HEIGHT - 8, text_anchor="middle") for tick in axis.ticks
    ]
    return element("svg", *labels, width="100%", height=HEIGHT, class_="sd-strip__plot")


def _tick_label(tick: float) -> str:
    return "same" if tick == 1 else times(tick)


def _row(row: StripRow, axis: Axis) -> list[Markup]:
    middle = HEIGHT / 2
    lines = [
        element(
            "line",
            x1=axis.at(tick),
            x2=axis.at(tick),
            y1=0,
            y2=HEIGHT,
            class_="sd-strip__same" if tick == 1 else "sd-strip__grid",
        )
        for tick in axis.ticks
    ]
    ordered = sorted(row.dots, key=lambda dot: dot.comparison.word in (FASTER, SLOWER))  # the decided ones on top
    dots = [_dot(dot, axis, middle) for dot in ordered]
    bar = element(
        "line", x1=axis.at(row.median), x2=axis.at(row.median), y1=4, y2=HEIGHT - 4, class_="sd-strip__median"
    )
    words = f"{row.name}: {row.counts} of {len(row.dots)}; the middle timing is {times(row.median)}"
    name = element("a", row.name, href=row.address) if row.address else row.name
    return [
        element("span", name, class_="sd-strip__name"),
        element(
            "svg",
            *lines,
            *dots,
            bar,
            width="100%",
            height=HEIGHT,
            role="img",
            aria_label=words,
            class_="sd-strip__plot",
        ),
        element("span", element("b", times(row.median)), f" {row.counts}", class_="sd-strip__counts"),
    ]


def _dot(dot: Dot, axis: Axis, middle: float) -> Markup:
    value, low, high = speed_up(dot.comparison)
    kind = dot.comparison.word if dot.comparison.word in (FASTER, SLOWER) else "open"
    title = element("title", f"{dot.label}: {gain(dot.comparison, is_time=True)}, {dot.comparison.word}")
    interval = element("line", x1=axis.at(low), x2=axis.at(high), y1=middle, y2=middle)
    circle = element("circle", cx=axis.at(value), cy=middle, r=4)
    return element("g", join([title, interval, circle]), class_=f"sd-strip__dot sd-strip__dot--{kind}")
