"""From raw samples to what may be said: medians over launches, intervals, quality, figures, comparisons.

Everything here is computed on reading and never stored.
"""

from __future__ import annotations

from stackdoc.statistics.comparison import Comparison, against, compare
from stackdoc.statistics.figure import Figure, format_figure, format_seconds, quantity
from stackdoc.statistics.samples import Sample, is_clean, sample
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
    "format_seconds",
    "is_clean",
    "quantity",
    "sample",
    "summarise",
]
