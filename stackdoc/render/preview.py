"""The picture of a page that other sites show beside a link to it: title, words and the page's first figure."""

from __future__ import annotations

import hashlib
import re
from textwrap import wrap

from markupsafe import Markup

from stackdoc.render.figures.raster import jpeg
from stackdoc.render.html.element import element, line
from stackdoc.render.html.page import Assets

WIDTH, HEIGHT, MARGIN = 1200, 630, 60  # of the drawing
SCALE = 0.7  # of the picture: 840 × 441 pixels
LARGEST = 120_000  # bytes; a larger picture is left out
PAPER, INK = "#fffefa", "#1f2328"
COLOURS = {
    **{"ink": INK, "ink-faint": "#59626d", "grid": "#dfe2e6", "accent": "#a8430a", "paper": PAPER, "wash": "#f3f1ea"},
    **{"rule": "#dfe2e6", "rule-strong": INK, "series-1": "#0067a3", "series-2": "#b8560b", "series-3": "#007a58"},
    **{
        "series-4": "#a9407f",
        "series-5": "#2f86b8",
        "series-6": "#8f7400",
        "series-7": "#4d4d9e",
        "series-8": "#5f6b76",
    },
}
FIGURE = re.compile(r'<svg class="sd-svg sd-svg--wide".*?</svg>|<figure class="sd-strip">.*?</figure>', re.DOTALL)
ROW = re.compile(r'sd-strip__name">(?:<a\b[^>]*>)?([^<]*).*?<svg [^>]*>(.*?)</svg>', re.DOTALL)
DOTS = """line { stroke: #59626d; } .sd-strip__grid { stroke: #dfe2e6; }
.sd-strip__median { stroke: #1f2328; stroke-width: 2; }
.sd-strip__dot circle { fill: #8a939d; } .sd-strip__dot--faster circle { fill: #0067a3; }
.sd-strip__dot--slower circle { fill: #b8560b; }"""
NAMES = 330  # the width of the names of rows
VARIABLE = re.compile(r"var\(--sd-([\w-]+)[^)]*\)")


def drawn_from(html: str) -> str:
    """Return the part of a page's HTML that its picture depends on: the first of our figures."""
    match = FIGURE.search(html)
    return match[0] if match else ""


def picture(title: str, words: str, name: str, html: str, assets: Assets) -> str:
    """Publish the picture of a page with that HTML; return its address from the root, empty if it can't be drawn."""
    drawing = card(title, words, name, html)
    try:
        content = jpeg(drawing, SCALE)
    except ValueError:
        return ""
    if len(content) > LARGEST:
        return ""
    return assets.add(f"assets/previews/{hashlib.sha256(content).hexdigest()[:16]}.jpg", content)


def card(title: str, words: str, name: str, html: str) -> str:
    """Return the drawing as an SVG by itself, with the first of our figures in the HTML."""
    figure = VARIABLE.sub(lambda variable: COLOURS.get(variable[1], INK), drawn_from(html))
    heading, below = _lines(title, 44, 2), _lines(words, 84, 2 if figure else 6)
    faint, top = COLOURS["ink-faint"], 90 + 54 * len(heading)
    parts = [element("rect", width=WIDTH, height=HEIGHT, fill=PAPER)]
    parts += [_text(text, 90 + 54 * at, 44, INK, 700) for at, text in enumerate(heading)]
    parts += [_text(text, top + 36 * at, 26, faint) for at, text in enumerate(below)]
    if figure:
        parts.append(_placed(figure, top + 36 * len(below)))
    parts.append(element("rect", width=WIDTH, height=8, fill=COLOURS["accent"]))
    parts.append(_text(line(name), HEIGHT - 24, 22, faint))
    size = {"width": WIDTH, "height": HEIGHT, "font_family": "Liberation Sans, sans-serif"}
    return str(element("svg", *parts, xmlns="http://www.w3.org/2000/svg", **size))


def _lines(words: str, width: int, most: int) -> list[str]:
    """Return the words in at most so many lines, with an ellipsis where some are left out."""
    lines = wrap(line(words), width)
    return lines if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1]} …"]


def _text(words: str, y: int, size: int, fill: str, weight: int = 400) -> Markup:
    return element("text", words, x=MARGIN, y=y, font_size=size, font_weight=weight, fill=fill)


def _placed(figure: str, top: int) -> Markup:
    """Return the figure in the room between the words and the name of the site, as large as it can be."""
    width, height = WIDTH - 2 * MARGIN, HEIGHT - 60 - top
    if figure.startswith("<svg"):
        return Markup(figure.replace("<svg ", f'<svg x="{MARGIN}" y="{top}" width="{width}" height="{height}" ', 1))
    rows = ROW.findall(figure)
    step = min(height / max(len(rows), 1), 40)
    drawn = [element("style", Markup(DOTS))]
    for at, (name, inside) in enumerate(rows):
        y = top + step * at
        drawn.append(element("text", Markup(name), x=MARGIN, y=f"{y + 18:.0f}", font_size=19, fill=INK))
        place = {"x": MARGIN + NAMES, "y": f"{y:.1f}", "width": width - NAMES, "height": 26}
        drawn.append(element("svg", Markup(inside), **place))
    return element("g", *drawn)
