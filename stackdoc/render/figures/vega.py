"""Vega-Lite to SVG. As a program, for untrusted specifications: `python -m stackdoc.render.figures.vega SPEC SVG`."""

from __future__ import annotations

import sys
from pathlib import Path

VERSION = "6.4"


def svg(text: str) -> str:
    """Return the picture; nothing is fetched. Raises ValueError if it can't be drawn."""
    import vl_convert  # only to draw: a build that finds its figures cached does not load it

    drawn: str = vl_convert.vegalite_to_svg(text, vl_version=VERSION, allowed_base_urls=[])
    return drawn


def main(source: str, target: str) -> int:
    """Draw the file `source` into `target`; print the reason and return 1 if it can't be drawn."""
    try:
        Path(target).write_text(svg(Path(source).read_text("utf-8")), "utf-8")
    except ValueError as reason:
        print(str(reason).partition("\n    at ")[0])  # without the stack trace of the library
        return 1
    except OSError as error:
        print(f"its picture can't be written: {error.strerror}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
