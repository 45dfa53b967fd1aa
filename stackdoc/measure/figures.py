"""Figures of Matplotlib that a script leaves open, drawn for its page. Imports Matplotlib only where the script has."""

from __future__ import annotations

import base64
import io
import sys
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any

BACKEND = "module://stackdoc.measure.pyplot"
LARGEST_SVG = 200_000  # characters; a larger drawing becomes a picture
LARGEST_ANIMATION = 400_000
DOTS_PER_INCH = 100
FRAMES = 60
SETTINGS = {"svg.hashsalt": "stackdoc"}  # the same drawing, the same names in it


class Figures:
    """The open figures of one launch. Each is passed to `show` once, and again when it has changed since."""

    def __init__(self, show: Callable[[Any], None]) -> None:
        self._show = show
        self._shown: weakref.WeakSet[Any] = weakref.WeakSet()

    def take(self, *, close: bool = False) -> None:
        """Show the open figures that were not shown yet; `close` is what `pyplot.show` does with them."""
        helpers = sys.modules.get("matplotlib._pylab_helpers")
        if helpers is None:
            return
        for manager in helpers.Gcf.get_all_fig_managers():
            figure = manager.canvas.figure
            empty = len(figure.get_children()) <= 1  # nothing but the background
            if not empty and (figure.stale or figure not in self._shown):
                self._show(figure)
                self.mark(figure)
        if close:
            sys.modules["matplotlib.pyplot"].close("all")

    def mark(self, figure: Any) -> None:
        """Note that the figure, as it is, is on the page."""
        with suppress(TypeError):
            self._shown.add(figure)
        figure.stale = False


current: ContextVar[Figures | None] = ContextVar("figures", default=None)


def is_figure(shown: Any) -> bool:
    """Whether it is drawn by `savefig`, and not by that of a figure that it has, as a grid of seaborn is."""
    return hasattr(shown, "savefig") and not isinstance(shown, type) and getattr(shown, "figure", shown) is shown


def is_part(shown: Any) -> bool:
    """Whether the value is what a plotting function returns: artists of a figure that is shown anyway."""
    if isinstance(shown, dict):
        return any(map(is_part, shown.values()))
    if isinstance(shown, list | tuple) or str(getattr(shown, "dtype", "")) == "object":
        return any(map(is_part, list(shown)[:20]))
    drawn = any(kind.__module__.partition(".")[0] == "matplotlib" for kind in type(shown).__mro__)
    return drawn or (hasattr(shown, "savefig") and not is_figure(shown))


def forms(figure: Any, animations: Mapping[str, Any] | None = None) -> Iterator[tuple[str, str]]:
    """The figure as a drawing, if that is small enough, and as pictures; an animation of it comes first."""
    moving = next((one for one in (animations or {}).values() if getattr(one, "_fig", None) is figure), None)
    if moving is not None and "matplotlib.animation" in sys.modules:
        with suppress(Exception):  # a still picture will do
            yield "image/gif", animated(moving)
    library = sys.modules.get("matplotlib")
    with library.rc_context(SETTINGS) if library else nullcontext():
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None})
    figure.stale = False
    if len(drawn.getvalue()) <= LARGEST_SVG:
        yield "image/svg+xml", drawn.getvalue()
    for dots in (DOTS_PER_INCH, DOTS_PER_INCH // 2):
        picture = io.BytesIO()
        figure.savefig(picture, format="png", dpi=dots, metadata={"Software": None})
        figure.stale = False
        yield "image/png", base64.b64encode(picture.getvalue()).decode("ascii")


def animated(animation: Any) -> str:
    """The animation as a GIF. Raises ValueError where it is too large to be on a page."""
    from matplotlib.animation import PillowWriter

    writer = PillowWriter(fps=min(20, 1000 / max(getattr(animation, "_interval", 100), 1)))
    animation._save_count = min(getattr(animation, "_save_count", None) or FRAMES, FRAMES)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "animation.gif")
        animation.save(str(file), writer=writer, dpi=DOTS_PER_INCH // 2)
        content = file.read_bytes()
    if len(content) > LARGEST_ANIMATION:
        raise ValueError(f"an animation of {len(content)} bytes")
    return base64.b64encode(content).decode("ascii")


def in_words(figure: Any) -> str:
    """What the titles, axes and legends of a figure say; empty where nothing is written in it."""
    said = [_text(getattr(figure, "_suptitle", None))]
    for axes in getattr(figure, "axes", ()):
        over = " over ".join(filter(None, (_text(axes.yaxis.label), _text(axes.xaxis.label))))
        said.append(": ".join(filter(None, (_text(axes.title), over))))
    words = "; ".join(dict.fromkeys(filter(None, said)))
    return f"Figure: {words}"[:300] if words else "Figure without a title"


def _text(artist: Any) -> str:
    text = artist.get_text() if hasattr(artist, "get_text") else ""
    return " ".join(str(text).split())
