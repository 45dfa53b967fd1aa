"""One measured number as HTML; its markup, `<data class="sd-value" value data-record …>`, is an interface."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markupsafe import Markup, escape

from stackdoc.render.html import clean, element
from stackdoc.render.measured import Bench, anchor, figure_of, item, main_quantity, record_path, value_sentence
from stackdoc.statistics import format_figure

UNITS = {"longest": 8, "long": 2}  # for units of more letters than so


def datum(bench: Bench, key: str, name: str = "", content: object = None) -> Markup | None:
    """The number that the record gives, rounded to the digits its interval allows; None where it gives none.

    `value` holds it unrounded in its base unit (seconds, FLOP/s, byte/s; shares and ratios as they are).
    """
    found, figure = item(bench.record, key), figure_of(bench, key, name)
    if found is None or figure is None:
        return None
    return element(
        "data",
        format_figure(figure) if content is None else content,
        class_="sd-value",
        value=repr(figure.value),
        data_record=bench.record.id,
        data_quantity=f"{key};{name or main_quantity(found)}",
        data_machine=bench.key,
    )


def linked(bench: Bench, key: str, name: str = "") -> Markup | None:
    """The number in running text: it leads to its record, and its title says how sure it is."""
    number = datum(bench, key, name)
    if number is None:
        return None
    title = f"{value_sentence(bench, key, name)}. {bench.label}, {bench.date}, record {bench.record.id}"
    return element("a", number, class_="sd-measured", href=f"{record_path(bench.record.id)}#{anchor(key)}", title=title)


def aligned(texts: Sequence[str]) -> list[str]:
    """Numbers with units for a right-aligned column, so that decimal points stand under one another.

    Each fraction is followed by the room that the longest one of the column takes more; without a
    fraction that includes the point. Each unit takes the room of the longest one.
    """
    parts = [re.fullmatch(r"([^\d.]?[\d\s]*\d)(\.\d+)?(\s.*|\D*)", text, re.DOTALL) for text in texts]
    longest = max((len(part[2] or "") for part in parts if part), default=0)
    unit = max((len(part[3].strip()) for part in parts if part), default=0)
    return [_aligned(part, text, longest, unit) for part, text in zip(parts, texts, strict=True)]


def _aligned(part: re.Match[str] | None, text: str, longest: int, widest: int) -> Markup:
    if part is None:
        return Markup(escape(clean(text)))
    fraction, unit = part[2] or "", part[3].strip()
    room = f"sd-room-{min(longest - len(fraction), 4)}" if fraction else f"sd-pad-{min(longest, 5)}"
    number = element("span", part[1], fraction, class_=room if len(fraction) < longest else None)
    kind = next((f" sd-unit--{name}" for name, letters in UNITS.items() if widest > letters), "")
    return Markup("{}\u00a0{}").format(number, element("span", unit, class_=f"sd-unit{kind}")) if widest else number
