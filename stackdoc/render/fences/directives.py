"""What a fence can show, directive by directive."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from markupsafe import Markup

from stackdoc.errors import StackdocError, did_you_mean
from stackdoc.reading.decode import SLUG
from stackdoc.render.citation import cite
from stackdoc.render.domain import domain
from stackdoc.render.fences.fence import DRAWN, Directive, Fence, option_among
from stackdoc.render.figures import svg
from stackdoc.render.figures.drawing import NoRoof
from stackdoc.render.html import tables
from stackdoc.render.html.code import listing
from stackdoc.render.html.element import element, join
from stackdoc.render.html.formulas import equation
from stackdoc.render.pages import listings
from stackdoc.render.values.machine_switch import machine_folds, views_default_first
from stackdoc.render.values.points import Selection, known_example, parse_selection, selected_keys
from stackdoc.render.values.record_view import RecordView
from stackdoc.statistics.figure import QUANTITIES

SHORT = 6  # rows of a table that stands open below its figure; a longer one is one fold away


def _example(found: Fence) -> Markup:
    """`example: kernels/gemm`, with a figure, a table, or both."""
    site, example, device = found.site, known_example(found.site, str(found.subject), found.place), found.text("device")
    known = site.examples[example].devices
    if device and device not in known:
        raise found.places["device"].refuse(
            f"example {example!r} does not run on {device!r}", did_you_mean(device, known)
        )
    selections = _selections(found, example)
    if "figure" not in found.options:
        return _tables(found, example, selections, device)
    own = domain(site).figures
    kind, _ = option_among(found, "figure", (*svg.KINDS, *own)), option_among(found, "quantity", QUANTITIES)
    drawn = _figures(found, example, kind, selections, device)
    if not found.flag("table"):
        return drawn
    below = _tables(found, example, selections, device)
    rows = max(
        (len(selected_keys(view.record, selections)) for view in views_default_first(site, example, device)), default=0
    )
    fold = element("details", element("summary", "All points as a table"), below, class_="sd-data")
    return join([drawn, below if rows <= SHORT else fold])


def _selections(found: Fence, example: str) -> tuple[Selection, ...]:
    given = found.options.get("points", [])
    words = [given] if isinstance(given, str) else given
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise found.places["points"].refuse("points are names, or keys such as library;n=512")
    return tuple(parse_selection(found.site, example, word, found.places["points"]) for word in words)


def _tables(found: Fence, example: str, selections: tuple[Selection, ...], device: str) -> Markup:
    figured = "figure" in found.options  # which then has the caption, and says what was not measured
    caption, select = "" if figured else found.text("caption"), partial(selected_keys, selections=selections)
    return tables.example_tables(found.site, example, select, device, caption, silent=figured)


def _figures(found: Fence, example: str, kind: str, selections: tuple[Selection, ...], device: str) -> Markup:
    """The figure of the chosen machine; those of other machines one fold away."""
    site = found.site
    blocks = [(view, _figure(found, view, kind, selections)) for view in views_default_first(site, example, device)]
    shown = machine_folds(site, example, blocks, device)
    return element(
        "div", *shown[:1], *tables.missing_notes(site, example, device), *shown[1:], class_="sd-measurements"
    )


def _figure(found: Fence, view: RecordView, kind: str, selections: tuple[Selection, ...]) -> Markup:
    said = found.text("x"), found.text("quantity"), found.flag("log"), found.text("caption")
    options = svg.Options(*said, tabled=bool(found.flag("table")))
    keys = selected_keys(view.record, selections)
    try:
        if draw := domain(found.site).figures.get(kind):
            return draw(found.site, view, keys, options.caption)
        return svg.figure(found.site.root, view, kind, keys, options, found.assets)
    except NoRoof as reason:
        return element("p", f"Not drawn for {view.label}: {reason}.", class_="sd-missing")
    except ValueError as reason:
        if view.stale or (selections and not keys):  # an older source may have had other points
            return element("p", f"Not drawn for {view.label}: its runs leave these points out.", class_="sd-missing")
        raise found.places["figure"].refuse(f"{kind} of {view.record.example!r} can't be drawn: {reason}") from None


def _code(found: Fence) -> Markup:
    """`code: kernels/gemm`: the very lines that ran, whole or one cell."""
    example = found.site.examples[known_example(found.site, str(found.subject), found.place)]
    cell = found.options.get("cell")
    if not isinstance(cell, int):
        return listing(example)
    count = len(example.cells)
    if not 1 <= cell <= count:
        raise found.places["cell"].refuse(f"example {example.id!r} has no cell {cell}", f"its cells are 1 to {count}")
    return listing(example, example.cells[cell - 1])


def _cite(found: Fence) -> Markup:
    """The citation in words, and in each format for a reference manager."""
    try:
        work = cite.reference(found.site, str(found.subject))
    except StackdocError as error:
        raise found.place.refuse(error.problems[0].message, error.problems[0].hint) from None
    return cite.block(work)


def _math(found: Fence) -> Markup:
    """`math: |` and LaTeX: a formula on a line of its own."""
    if not isinstance(found.subject, str):
        raise found.place.refuse("a formula is a text", "write math: | and the LaTeX on the lines below")
    number, anchor = found.text("number"), found.text("anchor")
    for key in ("number", "anchor"):
        if key in found.options and not SLUG.fullmatch(found.text(key)):
            raise found.places[key].refuse(f"{key} is {found.text(key)!r}", "write small letters, digits and hyphens")
    return equation(found.subject, found.place, number, anchor or (f"equation-{number}" if number else ""))


DIRECTIVES: Mapping[str, Directive] = {
    "example": Directive(_example, {**DRAWN, "points": (str, list), "device": (str,)}),
    "code": Directive(_code, {"cell": (int,)}),
    "machines": Directive(lambda found: listings.machines_table(found.site)),
    "cite": Directive(_cite, lasting=False),
    "math": Directive(_math, {"number": (int, str), "anchor": (str,)}),
}
