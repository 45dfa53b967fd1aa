"""What every kind of diagram has in common: its texts, and a picture that is drawn at two widths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from markupsafe import Markup

from stackdoc.render.diagrams.shapes import Canvas

Row = Sequence[Markup | str]


@dataclass(frozen=True, kw_only=True)
class Texts:
    """The keys of every diagram: a title with the message, a text alternative, and an anchor for links to it."""

    diagram: str
    title: str
    alt: str
    anchor: str = ""


class Picture(Protocol):
    """A diagram that was read without a fault."""

    def draw(self, width: float) -> Canvas:
        """Draw it, for a wide or a narrow screen."""

    def rows(self) -> tuple[Sequence[str], list[Row]]:
        """Return the headings and rows of a table of everything that the drawing shows."""
