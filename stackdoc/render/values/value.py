"""One measured number as HTML; its markup, `<data class="sd-value" value data-record …>`, is an interface."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markupsafe import Markup, escape

from stackdoc.render.html.element import clean, element
from stackdoc.render.values.record_view import (
    NBSP,
    RecordView,
    anchor,
    figure_of,
    main_quantity,
    record_path,
    value_sentence,
)
from stackdoc.statistics import format_figure

WIDEST = 16  # characters, the widest `sd-tail-N` of the style sheet
_UNIT = r"(?:%|°C|[nµm]?s|[kMGTP]i?B(?:/s)?|B(?:/s)?|[kMGTP]?FLOP(?:/s)?|[mkM]?[WJ]|[kMG]?Hz)"
_APART = re.compile(
    rf"<(pre|code|script|style|svg|math|textarea)\b.*?</\1>|<[^>]*>|(?<=\d) (?={_UNIT}(?![\w/]))", re.DOTALL
)


def datum(view: RecordView, key: str, name: str = "", content: object = None) -> Markup | None:
    """Return the number rounded to the digits its interval allows, or None if the record lacks it.

    The attribute `value` has it unrounded in its base unit (seconds, FLOP/s, byte/s; shares and ratios as they are).
    """
    item, figure = view.record.item(key), figure_of(view, key, name)
    if item is None or figure is None:
        return None
    return element(
        "data",
        format_figure(figure) if content is None else content,
        class_="sd-value",
        value=repr(figure.value),
        data_record=view.record.id,
        data_quantity=f"{key};{name or main_quantity(item)}",
        data_machine=view.key,
    )


def linked(view: RecordView, key: str, name: str = "") -> Markup | None:
    """Return the number for running text, linked to its record, with its interval as the title."""
    number = datum(view, key, name)
    if number is None:
        return None
    title = f"{value_sentence(view, key, name)}. {view.label}, {view.date}, record {view.record.id}"
    return element("a", number, class_="sd-measured", href=f"{record_path(view.record.id)}#{anchor(key)}", title=title)


def aligned(texts: Sequence[str]) -> list[str]:
    """Return numbers with units for a right-aligned column, aligned at the decimal point.

    Fraction and unit are padded to the width of the longest in the column.
    """
    parts = [re.fullmatch(r"([^\d.]?[\d\s]*\d)(\.\d+)?(\s.*|\D*)", text, re.DOTALL) for text in texts]
    tails = {_tail(part) for part in parts if part}
    room = min(max(map(len, tails)), WIDEST) if len(tails) > 1 else 0
    return [
        _aligned(part[1], _tail(part), room) if part else Markup(escape(clean(text)))
        for part, text in zip(parts, texts, strict=True)
    ]


def _tail(part: re.Match[str]) -> str:
    return (part[2] or "") + re.sub(r"^\s+", NBSP, part[3].rstrip())


def _aligned(digits: str, tail: str, room: int) -> Markup:
    return element("span", digits, element("span", tail, class_=f"sd-tail sd-tail-{room}") if room else tail)


def keep_units_together(html: str) -> str:
    """Return the page with a no-break space between each number and its unit, except in code."""
    return _APART.sub(lambda match: NBSP if match[0] == " " else match[0], html)
