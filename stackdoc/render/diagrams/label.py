"""Labels: texts with code and resolved roles, wrapped to a width."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from markupsafe import Markup

from stackdoc.render.diagrams.metrics import text_width

SIZE, SMALL = 13.5, 12.0  # of labels and of notes, in units of the drawing
LINE = 1.28  # distance of two lines, in font sizes
_CODE = re.compile(r"<code>(.*?)</code>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_SPACES = re.compile(r"[ \t\r\n]+")  # no-break spaces stay


@dataclass(frozen=True)
class LabelPiece:
    """A part of a word: plain, or code."""

    text: str
    code: bool = False

    def width(self, size: float, bold: bool) -> float:
        return text_width(self.text, size, bold, self.code)


Line = tuple[LabelPiece, ...]


@dataclass(frozen=True)
class Label:
    """A text for a drawing: `written` is its HTML, with the links of its roles."""

    written: Markup = field(default_factory=Markup)

    @property
    def plain(self) -> str:
        return "".join(piece.text for piece in self._pieces()).strip()

    def __bool__(self) -> bool:
        return bool(self.plain)

    def width(self, size: float = SIZE, bold: bool = False) -> float:
        """Return the width on one line."""
        return sum(piece.width(size, bold) for piece in self._pieces())

    def longest_word(self, size: float = SIZE, bold: bool = False) -> float:
        return max((_width(word, size, bold) for word in self._words()), default=0.0)

    def lines(self, width: float, size: float = SIZE, bold: bool = False) -> list[Line]:
        """Return the lines of the text wrapped to a width; a word that is too long is broken."""
        space = LabelPiece(" ")
        lines: list[list[LabelPiece]] = []
        for whole in self._words():
            for word in _broken(whole, width, size, bold):
                longer = [*lines[-1], space, *word] if lines else []
                if lines and _width(longer, size, bold) <= width:
                    lines[-1] = longer
                else:
                    lines.append(list(word))
        return [_merged(line) for line in lines]

    def _pieces(self) -> list[LabelPiece]:
        parts = _CODE.split(str(self.written))
        texts = [_SPACES.sub(" ", html.unescape(_TAG.sub("", part))) for part in parts]
        return [LabelPiece(text, bool(number % 2)) for number, text in enumerate(texts) if text]

    def _words(self) -> list[Line]:
        words: list[list[LabelPiece]] = [[]]
        for piece in self._pieces():
            first, *others = piece.text.split(" ")
            words[-1].append(LabelPiece(first, piece.code))
            words += [[LabelPiece(other, piece.code)] for other in others]
        return [line for word in words if (line := tuple(piece for piece in word if piece.text))]


def plain_label(text: object) -> Label:
    return Label(Markup.escape(text))


def height_of(lines: list[Line], size: float = SIZE) -> float:
    return len(lines) * size * LINE


def _width(pieces: list[LabelPiece] | Line, size: float, bold: bool) -> float:
    return sum(piece.width(size, bold) for piece in pieces)


def _broken(word: Line, width: float, size: float, bold: bool) -> list[Line]:
    """Split a word that is wider than a line."""
    if _width(word, size, bold) <= width:
        return [word]
    lines: list[list[LabelPiece]] = [[]]
    for piece in word:
        for character in piece.text:
            one = LabelPiece(character, piece.code)
            if lines[-1] and _width([*lines[-1], one], size, bold) > width:
                lines.append([])
            lines[-1].append(one)
    return [_merged(line) for line in lines]


def _merged(pieces: list[LabelPiece]) -> Line:
    merged: list[LabelPiece] = []
    for piece in pieces:
        if merged and merged[-1].code == piece.code:
            merged[-1] = LabelPiece(merged[-1].text + piece.text, piece.code)
        else:
            merged.append(piece)
    return tuple(merged)
