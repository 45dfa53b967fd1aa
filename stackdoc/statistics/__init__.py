"""From raw samples to figures: medians over launches, intervals, quality, comparisons.

Everything here is computed when records are read, and never stored.
"""

from __future__ import annotations

from stackdoc.statistics.comparison import Comparison, against, compare, format_ratio
from stackdoc.statistics.condensed import Sample
from stackdoc.statistics.figure import Figure, format_figure, format_seconds
from stackdoc.statistics.quantities import quantity
from stackdoc.statistics.samples import is_clean, sample
from stackdoc.statistics.summary import Quality, Summary, summarise

__all__ = [
    "Comparison",
    "Figure",
    "Quality",
    "Sample",
    "Summary",
    "against",
    "compare",
    "format_figure",
    "format_ratio",
    "format_seconds",
    "is_clean",
    "quantity",
    "sample",
    "summarise",
]
