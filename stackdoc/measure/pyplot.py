"""The backend of Matplotlib in an untimed launch: `pyplot.show` puts the open figures on the page and closes them."""

from __future__ import annotations

from typing import Any

from matplotlib.backend_bases import FigureManagerBase as FigureManager
from matplotlib.backends.backend_agg import FigureCanvasAgg as FigureCanvas

from stackdoc.measure.figures import current

__all__ = ["FigureCanvas", "FigureManager", "show"]


def show(*_: Any, **__: Any) -> None:
    """Show every open figure. Nobody waits for a window to be closed."""
    if figures := current.get():
        figures.take(close=True)
