"""The diagram `tokens`: texts split into tokens, each in a box, with spaces shown as a mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from stackdoc.errors import count
from stackdoc.render.diagrams.label import SIZE, SMALL, Label, LabelPiece
from stackdoc.render.diagrams.metrics import MONO
from stackdoc.render.diagrams.picture import Row, Texts
from stackdoc.render.diagrams.shapes import Canvas, Kind
from stackdoc.render.diagrams.source import DiagramSource
from stackdoc.render.html.element import element

PAD, HEIGHT, GAP, LINE_GAP = 4.0, 24.0, 2.5, 14.0
SPACE = "·"  # a space, tab or line end is drawn as this mark or one of these
MARKS = str.maketrans({" ": SPACE, "\t": "⇥", "\n": "⏎"})
TURNS: tuple[Kind, ...] = ("compute", "memory", "network", "data")  # colours of neighbours differ


@dataclass(frozen=True)
class TokenLine:
    """A text as written, split into its tokens."""

    tokens: tuple[str, ...]
    label: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Tokens(Texts):
    """The keys of a diagram `tokens`."""

    lines: tuple[TokenLine, ...]


@dataclass(frozen=True)
class Split:
    """A text with its label and note."""

    label: Label
    note: Label
    tokens: tuple[str, ...]


@dataclass(frozen=True)
class TokensPicture:
    """Texts that were read without a fault."""

    splits: tuple[Split, ...]

    def draw(self, width: float) -> Canvas:
        canvas = Canvas(width)
        y = 0.0
        for split in self.splits:
            y = canvas.text(split.label.lines(width, SIZE, True), 0, y, bold=True)
            x = 0.5
            for index, token in enumerate(split.tokens):
                for part in _parts(token.translate(MARKS), width):
                    size = len(part) * MONO * SIZE + 2 * PAD
                    if x > 1 and x + size > width:
                        x, y = 0.5, y + HEIGHT + 4
                    canvas.box(x, y + 2, size, HEIGHT - 2, TURNS[index % len(TURNS)], 2, pattern=False)
                    canvas.text([(LabelPiece(part, True),)], x + PAD, y + 4, SIZE)
                    x += size + GAP
            y += HEIGHT
            words = Label(
                Markup.escape(count(len(split.tokens), "token"))
                + (Markup(": ") + split.note.written if split.note else "")
            )
            y = canvas.text(words.lines(width, SMALL), 0, y + 3, SMALL, class_="sd-faint") + LINE_GAP
        return canvas

    def rows(self) -> tuple[Sequence[str], list[Row]]:
        rows: list[Row] = [
            (
                split.label.written,
                Markup(" ").join(element("code", token.translate(MARKS)) for token in split.tokens),
                str(len(split.tokens)),
                split.note.written,
            )
            for split in self.splits
        ]
        return ("text", "tokens", "number", "note"), rows


def _parts(token: str, width: float) -> list[str]:
    """Split a token that is wider than the drawing."""
    most = max(1, int((width - 2 * PAD - 2) // (MONO * SIZE)))
    return [token[start : start + most] for start in range(0, len(token), most)]


def read(written: Tokens, source: DiagramSource) -> TokensPicture:
    """Read the keys of the diagram; faults go to the source."""
    if not written.lines:
        source.refuse(("lines",), "a diagram needs lines")
    splits = []
    for index, line in enumerate(written.lines):
        if not line.tokens or not all(line.tokens):
            source.refuse(("lines", index, "tokens"), "each token needs a character")
        label = source.label(line.label, "lines", index, "label") if line.label else Label()
        note = source.label(line.note, "lines", index, "note") if line.note else Label()
        splits.append(Split(label, note, line.tokens))
    return TokensPicture(tuple(splits))
