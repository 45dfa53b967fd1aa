"""Vega-Lite to SVG; as a program, for a specification that nobody trusts: `python -m stackdoc.render.vega SPEC SVG`."""

from __future__ import annotations

import sys
from pathlib import Path

import vl_convert

VERSION = "6.4"


def svg(text: str) -> str:
    """The picture. Nothing is fetched. Raises ValueError when it can't be drawn."""
    drawn: str = vl_convert.vegalite_to_svg(text, vl_version=VERSION, allowed_base_urls=[])
    return drawn


def main(source: str, target: str) -> int:
    """Prints why it can't be drawn, with exit code 1."""
    try:
        Path(target).write_text(svg(Path(source).read_text("utf-8")), "utf-8")
    except ValueError as reason:
        print(str(reason).partition("\n    at ")[0])  # without the places in the library
        return 1
    except OSError as error:
        print(f"its picture can't be written: {error.strerror}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
