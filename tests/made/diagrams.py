"""Diagrams of tests: fences with the keys that every one needs, and what is drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from stackdoc.errors import StackdocError
from stackdoc.render.diagrams.metrics import text_width
from stackdoc.render.fences.block import fence
from stackdoc.site.site import Site
from tests.made import two_machines

PAGE, LINE = "docs/layers/kernels.md", 10
SVG = re.compile(r"<svg[^>]*>.*?</svg>", re.DOTALL)
BOX = re.compile(r'<rect x="([-\d.]+)" y="([-\d.]+)" width="([\d.]+)" height="([\d.]+)" rx="[\d.]+" class="sd-box')
TEXT = re.compile(
    r'<text x="(?P<x>[-\d.]+)" y="(?P<y>[-\d.]+)" font-size="(?P<size>[\d.]+)"(?P<bold> font-weight="600")?'
    r'(?: text-anchor="(?P<anchor>\w+)")?[^>]*>(?P<text>.*?)</text>'
)


def site_of(root: Path) -> Site:
    return two_machines.site(root)


def drawn(site: Site, body: str, kind: str) -> str:
    """Return the HTML of a diagram of that kind with a title and a text alternative."""
    return fence(site, f"diagram: {kind}\ntitle: A message\nalt: What it shows.\n{body}", PAGE, LINE)


def refused(site: Site, body: str, kind: str) -> list[str]:
    """Return the problems of a diagram, one a line: `line: text`."""
    with pytest.raises(StackdocError) as caught:
        drawn(site, body, kind)
    assert {problem.file for problem in caught.value.problems} == {PAGE}
    return [f"{problem.line}: {problem.message}; {problem.hint}" for problem in caught.value.problems]


def widths(html: str, size: int = 0) -> list[float]:
    """Return the widths of the boxes of the wide drawing, or of the narrow one, without those of the legend."""
    boxes = BOX.findall(SVG.findall(html)[size])
    return [float(width) for _, _, width, height in boxes if (width, height) != ("14", "13")]


def overflowing(html: str) -> Iterator[str]:
    """Yield each text that leaves its drawing on any side."""
    for svg in SVG.findall(html):
        view = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
        assert view is not None
        for match in TEXT.finditer(svg):
            words = re.sub(r"<[^>]+>", "", match["text"])
            length = text_width(words, float(match["size"]), bool(match["bold"]), "sd-mono" in match["text"]) / 1.1
            x, left = float(match["x"]), {"middle": 0.5, "end": 1.0}.get(match["anchor"] or "start", 0.0)
            start = x - left * length
            if start < -1 or start + length > float(view[1]) + 1 or not 0 < float(match["y"]) <= float(view[2]):
                yield f"{words} at {start:.0f} to {start + length:.0f} of {view[1]}, {match['y']} of {view[2]}"
