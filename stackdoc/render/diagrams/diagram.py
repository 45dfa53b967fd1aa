"""The fence `diagram`: a concept drawn from YAML, as SVG for two widths, with everything in it as text too."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from stackdoc.errors import StackdocError, did_you_mean
from stackdoc.reading.decode import SLUG, decode, members
from stackdoc.render.diagrams import bars, curves, flow, grid, nest, timeline, tokens
from stackdoc.render.diagrams.picture import Picture, Row, Texts
from stackdoc.render.diagrams.source import DiagramSource, document_of
from stackdoc.render.domain import domain
from stackdoc.render.fences.fence import Fence
from stackdoc.render.fences.passage import paragraphs
from stackdoc.render.figures.axes import NARROW, WIDE
from stackdoc.render.html import tables
from stackdoc.render.html.element import element, join


@dataclass(frozen=True)
class DiagramKind:
    """A kind of diagram: `shape` is the dataclass of its keys, `read` makes a picture of them."""

    shape: Any  # a subclass of Texts; mypy takes no dataclass for hashable
    read: Callable[[Any, DiagramSource], Picture]


KINDS: Mapping[str, DiagramKind] = {
    "bars": DiagramKind(bars.Bars, bars.read),
    "flow": DiagramKind(flow.Flow, flow.read),
    "nest": DiagramKind(nest.Nest, nest.read),
    "timeline": DiagramKind(timeline.Timeline, timeline.read),
    "grid": DiagramKind(grid.Grid, grid.read),
    "tokens": DiagramKind(tokens.Tokens, tokens.read),
    "curves": DiagramKind(curves.Curves, curves.read),
}
ANY = (str, bool, list, dict, int, float)
OPTIONS: Mapping[str, tuple[type, ...]] = {
    key: ANY for kind in KINDS.values() for key in members(kind.shape) if key != "diagram"
}


def diagram(fence: Fence) -> Markup:
    """Draw `diagram: KIND`. Raises StackdocError with every fault of the fence."""
    name = str(fence.subject)
    if name not in KINDS:
        raise fence.place.refuse(f"unknown kind of diagram {name!r}", did_you_mean(name, KINDS))
    kind = KINDS[name]
    document = document_of(fence, normal({"diagram": name, **fence.options}))
    source = DiagramSource(fence, document)
    texts: Texts | None = decode(kind.shape, document, source.problems, written=False)
    if source.problems or texts is None:
        raise StackdocError(source.problems)
    picture = kind.read(texts, source)
    written = _written(texts, source)
    if source.problems:
        raise StackdocError(source.problems)
    if fence.assets is not None and domain(fence.site).local(repr(fence.options)):
        fence.assets.cacheable = False
    return _figure(texts, written, picture)


@dataclass(frozen=True)
class _Written:
    """The title and the text alternative, with and without elements."""

    title: Markup
    plain_title: str
    alt: Markup
    plain_alt: str


def _written(texts: Texts, source: DiagramSource) -> _Written:
    for key, text in (("title", texts.title), ("alt", texts.alt)):
        if not text.strip():
            source.refuse((key,), f"{key} is empty")
    if texts.anchor and not SLUG.fullmatch(texts.anchor):
        source.refuse(("anchor",), f"anchor is {texts.anchor!r}", "use lower-case letters, digits and hyphens")
    title, alt = source.label(texts.title, "title"), source.label(texts.alt, "alt")
    blocks = Markup() if source.problems else paragraphs(source.fence.site, texts.alt, source.at("alt"))
    return _Written(title.written, title.plain, blocks, re.sub(r"\s+", " ", alt.plain))


def normal(data: Any) -> Any:
    """Return the keys in their long form: a cell that is a text as a mapping, a start `{after: ID}` as a text."""
    if isinstance(data, list):
        return [normal(value) for value in data]
    if not isinstance(data, dict):
        return data
    result = {key: normal(value) for key, value in data.items()}
    if isinstance(cells := result.get("cells"), list):
        result["cells"] = [{"label": cell} if isinstance(cell, str) else cell for cell in cells]
    if isinstance(start := result.get("start"), dict) and list(start) == ["after"]:
        ids = start["after"]
        result["start"] = f"after: {', '.join(map(str, ids)) if isinstance(ids, list) else ids}"
    return result


def _figure(texts: Texts, written: _Written, picture: Picture) -> Markup:
    pictures = [
        picture.draw(width).svg(size, written.plain_title, written.plain_alt)
        for size, width in (("wide", WIDE), ("narrow", NARROW))
    ]
    heads, rows = picture.rows()
    table = tables.table([(head, False) for head in heads], [_cells(row) for row in rows])
    return element(
        "figure",
        element("figcaption", element("p", written.title), class_="sd-diagram__title"),
        element("div", join(pictures), class_="sd-plot"),
        element("details", element("summary", "In words"), written.alt, table, class_="sd-data"),
        class_=f"sd-figure sd-diagram sd-diagram--{texts.diagram}",
        id=texts.anchor or None,
    )


def _cells(row: Row) -> list[object]:
    return [cell if cell else tables.NONE for cell in row]
