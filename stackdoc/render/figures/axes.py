"""Parts that all figures share: colours, axes, legends, and the unit of an axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from stackdoc.statistics.figure import PREFIXED, PREFIXES

Spec = dict[str, Any]

INK, FAINT, GRID, ACCENT = "var(--sd-ink)", "var(--sd-ink-faint)", "var(--sd-grid)", "var(--sd-accent)"
SERIES = tuple(f"var(--sd-series-{number})" for number in range(1, 9))
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-left", "triangle-right")
WIDE, NARROW = 680, 350
SLIM, BROAD = frozenset(" .,:;'ijlfrtI()[]|!/-"), frozenset("mwMW@%+=×−<>…—")
SLIM_PX, LETTER_PX, BROAD_PX = 5, 8, 12  # of a label's 12 px; widths of DejaVu Sans, the widest of the usual fonts
LABEL_PADDING = 5
SMALLEST_POWER = -9  # of the prefix of an axis: nano
LOG_FROM = 20.0  # largest value over smallest, from which a linear axis no longer shows the small ones


def quantity_axis(title: str, values: Sequence[float], log: bool | None, bounds: Sequence[float] = ()) -> Spec:
    """Return an axis for the values: linear from zero, or logarithmic and labelled so, as `is_log` decides.

    A logarithmic axis has room for `bounds` too, the ends of their intervals.
    """
    if not is_log(values, log):
        return {
            "type": "quantitative",
            "title": title,
            "scale": {"zero": True, "nice": True},
            "axis": {"tickCount": 5, "format": ".6~g"},
        }
    extent = [*values, *(bound for bound in bounds if bound > 0)]
    low, high = min(extent), max(extent)
    return log_axis("", f"{title} (log scale)", (low / 1.25, high * 1.25))


def log_axis(field: str, title: str, domain: tuple[float, float]) -> Spec:
    axis: Spec = {
        "type": "quantitative",
        "title": title,
        "scale": {"type": "log", "domain": list(domain), "nice": False},
        "axis": {"values": _log_ticks(*domain), "format": ".6~g"},
    }
    return {"field": field, **axis} if field else axis


def _log_ticks(low: float, high: float) -> list[float]:
    """Return the powers of ten inside; if those are fewer than three, also 3, or 2 and 5, times a power of ten."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1,), (1, 3), (1, 2, 5)):
        ticks = [float(f"{step}e{power}") for power in powers for step in steps]
        inside = [tick for tick in ticks if low <= tick <= high]
        if len(inside) >= 3:
            return inside
    return inside


def unit_for(values: Sequence[float], unit: str) -> tuple[float, str]:
    """Return the factor and the unit that make the median of `values` (in `unit`) easy to read on an axis."""
    positive = sorted(value for value in values if value > 0)
    if unit not in PREFIXED or not positive:
        return 1.0, "" if unit == "1" else unit
    middle = positive[len(positive) // 2]
    powers = [power for power in sorted(PREFIXES) if power >= SMALLEST_POWER and (unit != "s" or power <= 0)]
    usable = [power for power in powers if 10.0**power <= middle]
    power = max(usable, default=min(powers))
    return 10.0**-power, PREFIXES[power] + unit


def is_log(values: Sequence[float], log: bool | None = None) -> bool:
    """Return whether an axis over `values` is logarithmic: `log` if given, else whether they span a factor over 20."""
    positive = [value for value in values if value > 0]
    if len(positive) < len(values) or not positive:
        return False
    return log if log is not None else max(positive) / min(positive) > LOG_FROM


def label_width(label: str) -> int:
    """Return the pixels that the longest line of a label takes at most.

    A figure is laid out with the font of the machine that draws it, and shown with the reader's: where the web font is
    missing, that may be a wider one.
    """
    return max(
        sum(SLIM_PX if letter in SLIM else BROAD_PX if letter in BROAD else LETTER_PX for letter in text)
        for text in label.split("\n")
    )


def series_colour(order: Sequence[str], width: int = WIDE) -> Spec:
    return {
        "field": "series",
        "type": "nominal",
        "sort": list(order),
        "scale": {"domain": list(order), "range": list(SERIES)},
        **legend(order, width),
    }


def legend(order: Sequence[str], width: int = WIDE) -> Spec:
    """Return a legend above the figure, in as many columns as its labels allow; none for a single series."""
    if len(order) < 2:
        return {"legend": None}
    columns = max(1, min(3, width // (max(map(label_width, order)) + 40)))
    return {
        "legend": {"orient": "top", "title": None, "columns": columns, "symbolOpacity": 1, "labelLimit": width - 40}
    }


CONFIG: Spec = {
    "font": "sans-serif",
    "view": {"stroke": None},
    "axis": {
        "aria": False,
        "labelColor": INK,
        "titleColor": INK,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "gridColor": GRID,
        "gridWidth": 0.75,
        "domainColor": FAINT,
        "domainWidth": 0.75,
        "tickColor": FAINT,
        "tickWidth": 0.75,
        "tickSize": 4,
        "labelPadding": LABEL_PADDING,
        "titlePadding": 8,
    },
    "legend": {
        "aria": False,
        "labelColor": INK,
        "labelFontSize": 12,
        "symbolSize": 60,
        "padding": 0,
        "offset": 8,
    },
    "text": {"fontSize": 12},
}
