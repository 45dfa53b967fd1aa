"""Pictures as small PNG. As a program, for untrusted ones: `python -m stackdoc.render.figures.raster SVG PNG`."""

from __future__ import annotations

import base64
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from stackdoc.render.html.element import element

WIDTH, HEIGHT = 480, 320  # pixels of the result
OPENING = re.compile(r"<svg\b[^>]*>")
SIZE = re.compile(r"\s(width|height)\s*=\s*[\"']\s*([\d.]+)[^\"']*[\"']")
OUTSIDE = re.compile(r"<!ENTITY|href\s*=\s*[\"'](?!\s*(?:data:|#))", re.IGNORECASE)  # the library would read it


def sized(mime: str, content: bytes) -> str:
    """Return an SVG of that picture which fits into WIDTH and HEIGHT.

    Raises ValueError for an SVG without a size, or one that refers to other files.
    """
    if mime != "image/svg+xml":
        href = f"data:{mime};base64,{base64.b64encode(content).decode()}"
        image = element("image", href=href, width=WIDTH, height=HEIGHT)
        return str(element("svg", image, xmlns="http://www.w3.org/2000/svg", width=WIDTH, height=HEIGHT))
    svg = content.decode("utf-8", "replace")
    opening = OPENING.search(svg)
    if opening is None or OUTSIDE.search(svg):
        raise ValueError("not a picture by itself")
    size = dict(SIZE.findall(opening[0]))
    attributes = SIZE.sub("", opening[0])
    if "viewBox" not in attributes:
        if not size.keys() >= {"width", "height"}:
            raise ValueError("a picture without a size")
        attributes = attributes.replace("<svg", f'<svg viewBox="0 0 {size["width"]} {size["height"]}"', 1)
    attributes = attributes.replace("<svg", f'<svg width="{WIDTH}" height="{HEIGHT}"', 1)
    return svg[: opening.start()] + attributes + svg[opening.end() :]


def png(svg: str) -> bytes:
    """Return the picture at its own size. Raises ValueError if it can't be drawn."""
    import vl_convert

    return _drawn(vl_convert.svg_to_png, svg)


def jpeg(svg: str, scale: float) -> bytes:
    """Return the picture at its own size times `scale`. Raises ValueError if it can't be drawn."""
    import vl_convert

    return _drawn(partial(vl_convert.svg_to_jpeg, scale=scale, quality=80), svg)


def _drawn(convert: Callable[[str], bytes], svg: str) -> bytes:
    try:
        return convert(svg)
    except RuntimeError as reason:  # a damaged SVG; the message ends with a trace of the library
        raise ValueError(str(reason).partition("\n")[0]) from None


def main(source: str, target: str) -> int:
    """Draw the file `source` into `target`; print the reason and return 1 if it can't be drawn."""
    try:
        Path(target).write_bytes(png(Path(source).read_text("utf-8")))
    except (OSError, ValueError) as reason:
        print(reason)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
