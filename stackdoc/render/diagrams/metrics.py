"""Widths of text, estimated from the metrics of the handbook's sans-serif font, so that labels fit their boxes."""

from __future__ import annotations

from functools import lru_cache

# Characters by advance width, in thousandths of the font size.
WIDTHS = {
    200: " \u00a0\u202f",
    260: "',.:;ijl|·’",
    280: "I",
    300: "!f",
    320: "()-[]{}",
    340: "t",
    360: "/\\r",
    380: "²³",
    420: "*s",
    440: '"?z“”',
    460: "cx",
    480: "JYvy–",
    500: "#$+0123456789<=>FL^_ek~×±−é",
    520: "VXag",
    540: "ESTZ",
    560: "A`bdhnopqu",
    580: "CKPRµ",
    600: "B",
    620: "&DG",
    660: "HNU",
    680: "OQ",
    720: "w",
    740: "M",
    800: "W—",
    840: "%m",
    860: "@",
    960: "…",
}
ADVANCE = {character: width / 1000 for width, characters in WIDTHS.items() for character in characters}
MONO = 0.62
OTHER, IDEOGRAPH = 0.65, 1.0  # a character that the table lacks; one of a script with square characters
WIDEST_FALLBACK = 1.1  # fonts that browsers use until ours is loaded are up to a tenth wider
BOLD = 1.05
SQUARE_FROM = 0x2E80


@lru_cache(maxsize=20_000)
def text_width(text: str, size: float, bold: bool = False, mono: bool = False) -> float:
    """Return the width of a text that is never narrower than drawn, in the unit of `size`."""
    if mono:
        return sum(MONO if ord(character) < SQUARE_FROM else IDEOGRAPH for character in text) * size
    ems = sum(_advance(character) for character in text)
    return ems * size * WIDEST_FALLBACK * (BOLD if bold else 1.0)


def _advance(character: str) -> float:
    known = ADVANCE.get(character)
    return known if known is not None else IDEOGRAPH if ord(character) >= SQUARE_FROM else OTHER
