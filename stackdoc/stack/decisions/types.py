"""A decision that a layer page helps with: a numbered question with its own anchor."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LayerDecision:
    """`answer` is the first sentence below the heading, as Markdown; `/layers/<layer>/#<anchor>` is its address."""

    layer: str
    number: str
    question: str
    anchor: str
    answer: str
    file: str
    line: int
