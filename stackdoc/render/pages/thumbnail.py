"""The picture that represents an example in a gallery.

It is a figure that the script shows, else its measured times as bars, else the shape of its code.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence

from markupsafe import Markup

from stackdoc.model.example import Example
from stackdoc.model.record import Output
from stackdoc.project import FIGURES
from stackdoc.render.cache import TextCache
from stackdoc.render.figures.charts import Charts, drawn_by
from stackdoc.render.figures.raster import HEIGHT, WIDTH, sized
from stackdoc.render.figures.svg import DRAWN_BY
from stackdoc.render.html.element import element
from stackdoc.render.html.page import Assets
from stackdoc.render.values.machine_switch import views_default_first
from stackdoc.render.values.record_view import RecordView, figure_of
from stackdoc.site.site import Site

LARGEST = 48_000  # bytes of a picture that is published as it is
SUFFIXES = {"image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpg", "image/gif": "gif"}
MOST_BARS = 12
MOST_LINES = 14  # of code
BOX = "0 0 72 48"  # of both drawings
INSIDE = 64  # the width and
TALL = 40  # height inside its margin of 4


def thumbnail(site: Site, example: Example, assets: Assets | None) -> Markup:
    """Return the picture, which has no text of its own: the card's title names it."""
    view = next(iter(views_default_first(site, example.id)), None)
    if view is not None and not view.stale:
        if picture := _figure(site, view, example.thumbnail, assets):
            return picture
        if values := list(_times(view))[:MOST_BARS]:
            return _bars(values)
    return _code(example)


def _figure(site: Site, view: RecordView, number: int, assets: Assets | None) -> Markup | None:
    """Return the figure with that number, the first if there are fewer; None without any figure."""
    outputs = [output for output in view.record.outputs if output.mime in SUFFIXES or _is_chart(output)]
    if not outputs:
        return None
    index = number - 1 if number > 0 else number
    output = outputs[index] if -len(outputs) <= index < len(outputs) else outputs[0]
    try:
        mime, content = _picture(site, view, output, assets)
    except ValueError:  # its own page says why
        return None
    if len(content) > LARGEST:
        mime, content = _reduced(site, mime, content)
    if assets is None:
        source = f"data:{mime};base64,{base64.b64encode(content).decode()}"
    else:
        name = f"{hashlib.sha256(content).hexdigest()[:12]}.{SUFFIXES[mime]}"
        source = assets.add(f"assets/figures/{name}", content)
    return element("img", src=source, alt="", loading="lazy", width=WIDTH // 2, height=HEIGHT // 2)


def _is_chart(output: Output) -> bool:
    return output.mime.startswith("application/vnd.vegalite")


def _picture(site: Site, view: RecordView, output: Output, assets: Assets | None) -> tuple[str, bytes]:
    """Return the type and the bytes of a figure. Raises ValueError if it is damaged or can't be drawn."""
    if _is_chart(output):
        drawn, _ = Charts(site, view.record.id, assets).drawn(output.data, output.alt)
        return "image/svg+xml", str(drawn).encode()
    if output.mime == "image/svg+xml":
        return output.mime, output.data.encode("utf-8", "replace")
    return output.mime, base64.b64decode("".join(output.data.split()), validate=True)


def _reduced(site: Site, mime: str, content: bytes) -> tuple[str, bytes]:
    """Return the picture as a small PNG, cached; as it is if that can't be made."""
    try:
        svg = sized(mime, content)
        cache = TextCache(site.root, FIGURES, DRAWN_BY)
        small = base64.b64decode(cache.text(svg, lambda: base64.b64encode(drawn_by("raster", svg)).decode()))
    except ValueError:
        return mime, content
    return ("image/png", small) if len(small) < len(content) else (mime, content)


def _times(view: RecordView) -> Iterator[float]:
    """Yield the measured times of the record in the order of its points, in seconds."""
    for point in view.record.points:
        if point.kind == "time" and point.launches and (figure := figure_of(view, point.key, "time")):
            yield figure.value


def _bars(values: Sequence[float]) -> Markup:
    """Draw each value from zero, so that lengths compare as the values do."""
    step = TALL / len(values)
    bars = [
        (0.0, number * step, max(INSIDE * value / (max(values) or 1), 0.5), min(0.7 * step, 8))
        for number, value in enumerate(values)
    ]
    return _drawing(bars, "sd-thumb--bars")


def _code(example: Example) -> Markup:
    """Draw a line for each line of code, as long and as far indented."""
    cells = [cell.source for cell in example.cells if cell.kind == "code"] or [example.source]
    code = [line.expandtabs(4) for cell in cells for line in cell.split("\n")]
    lines = [line for line in code if line.strip() and not line.startswith("#")][:MOST_LINES]
    step = TALL / MOST_LINES
    bars = []
    for number, line in enumerate(lines):
        start = min(len(line) - len(line.lstrip()), 24)
        bars.append((float(start), number * step, float(min(len(line.strip()), INSIDE - start)), step / 2))
    return _drawing(bars, "sd-thumb--code")


def _drawing(bars: Sequence[tuple[float, float, float, float]], class_: str) -> Markup:
    """Draw bars, each with left, top, width and height inside the margin."""
    shapes = [
        element("rect", x=f"{4 + left:.1f}", y=f"{4 + top:.1f}", width=f"{width:.1f}", height=f"{height:.1f}")
        for left, top, width, height in bars
    ]
    return element("svg", *shapes, viewBox=BOX, class_=f"sd-thumb {class_}", aria_hidden="true")
