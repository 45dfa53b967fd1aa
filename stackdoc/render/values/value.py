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

WIDEST = 16  # characters, of which the style sheet knows how wide they are
_UNIT = r"(?:%|°C|[nµm]?s|[kMGTP]i?B(?:/s)?|B(?:/s)?|[kMGTP]?FLOP(?:/s)?|[mkM]?[WJ]|[kMG]?Hz)"
_APART = re.compile(
    rf"<(pre|code|script|style|svg|math|textarea)\b.*?</\1>|<[^>]*>|(?<=\d) (?={_UNIT}(?![\w/]))", re.DOTALL
)


def datum(view: RecordView, key: str, name: str = "", content: object = None) -> Markup | None:
    """The number that the record gives, rounded to the digits its interval allows; None where it gives none.

    `value` holds it unrounded in its base unit (seconds, FLOP/s, byte/s; shares and ratios as they are).
    """
    found, figure = view.record.item(key), figure_of(view, key, name)
    if found is None or figure is None:
        return None
    return element(
        "data",
        format_figure(figure) if content is None else content,
        class_="sd-value",
        value=repr(figure.value),
        data_record=view.record.id,
        data_quantity=f"{key};{name or main_quantity(found)}",
        data_machine=view.key,
    )


def linked(view: RecordView, key: str, name: str = "") -> Markup | None:
    """The number in running text: it leads to its record, and its title says how sure it is."""
    number = datum(view, key, name)
    if number is None:
        return None
    title = f"{value_sentence(view, key, name)}. {view.label}, {view.date}, record {view.record.id}"
    return element("a", number, class_="sd-measured", href=f"{record_path(view.record.id)}#{anchor(key)}", title=title)


def aligned(texts: Sequence[str]) -> list[str]:
    """Numbers with units for a right-aligned column, so that decimal points stand under one another.

    What follows the whole digits, the unit right behind the fraction, takes the room of the longest one of the column.
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


def _aligned(whole: str, tail: str, room: int) -> Markup:
    return element("span", whole, element("span", tail, class_=f"sd-tail sd-tail-{room}") if room else tail)


def keep_units_together(html: str) -> str:
    """The page with each unit beside its number: no line ends between them. Code stays as it is."""
    return _APART.sub(lambda found: NBSP if found[0] == " " else found[0], html)
