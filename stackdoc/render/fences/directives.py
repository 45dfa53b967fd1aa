"""The engine's directives: what a `stackdoc` fence can show."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from markupsafe import Markup

from stackdoc.errors import StackdocError, did_you_mean
from stackdoc.measure.outputs import FAILS
from stackdoc.reading.decode import SLUG
from stackdoc.render.citation import cite
from stackdoc.render.diagrams import diagram
from stackdoc.render.domain import domain
from stackdoc.render.fences.fence import FIGURE_OPTIONS, Directive, Fence, figure_titles, option_among
from stackdoc.render.figures import svg
from stackdoc.render.figures.drawing import NoRoof
from stackdoc.render.figures.message import OUTCOMES
from stackdoc.render.html import tables
from stackdoc.render.html.code import listing
from stackdoc.render.html.element import element, join
from stackdoc.render.html.formulas import equation
from stackdoc.render.pages import example as example_page
from stackdoc.render.pages import gallery, listings, verify_box
from stackdoc.render.values.machine_switch import machine_folds, views_default_first
from stackdoc.render.values.points import Selection, known_example, parse_selection, selected_keys
from stackdoc.render.values.record_view import RecordView
from stackdoc.statistics.quantities import QUANTITIES

SHORT = 6  # rows; a longer table below a figure is folded


def _example(fence: Fence) -> Markup:
    """`example: kernels/gemm`, with a figure, a table, or both."""
    site, example, device = fence.site, known_example(fence.site, str(fence.subject), fence.place), fence.text("device")
    known = site.examples[example].devices
    if device and device not in known:
        raise fence.places["device"].refuse(
            f"example {example!r} does not run on {device!r}", did_you_mean(device, known)
        )
    selections = _selections(fence, example)
    views = views_default_first(site, example, device)
    if views and _is_output_alone(views[0]):
        return example_page.outputs(site, views[0])
    if "figure" not in fence.options:
        return _tables(fence, example, selections, device)
    extra = domain(site).figures
    kind, _ = option_among(fence, "figure", (*svg.KINDS, *extra)), option_among(fence, "quantity", QUANTITIES)
    figures = _figures(fence, example, kind, selections, device)
    if not fence.flag("table"):
        return figures
    below = _tables(fence, example, selections, device)
    rows = max(
        (len(selected_keys(view.record, selections)) for view in views_default_first(site, example, device)), default=0
    )
    fold = element("details", element("summary", "All points as a table"), below, class_="sd-data")
    return join([figures, below if rows <= SHORT else fold])


def _is_output_alone(view: RecordView) -> bool:
    """Whether the example measured nothing, and does not fail as expected."""
    return not view.record.points and all(output.alt != FAILS for output in view.record.outputs)


def _selections(fence: Fence, example: str) -> tuple[Selection, ...]:
    given = fence.options.get("points", [])
    words = [given] if isinstance(given, str) else given
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise fence.places["points"].refuse("points are names, or keys such as library;n=512")
    return tuple(parse_selection(fence.site, example, word, fence.places["points"]) for word in words)


def _tables(fence: Fence, example: str, selections: tuple[Selection, ...], device: str) -> Markup:
    has_figure = "figure" in fence.options  # which has the caption and the notes on what was not measured
    caption, select = "" if has_figure else fence.text("caption"), partial(selected_keys, selections=selections)
    return tables.example_tables(fence.site, example, select, device, caption, silent=has_figure)


def _figures(fence: Fence, example: str, kind: str, selections: tuple[Selection, ...], device: str) -> Markup:
    """Return the figure of the default machine; those of other machines are folded."""
    site = fence.site
    blocks = [(view, _figure(fence, view, kind, selections)) for view in views_default_first(site, example, device)]
    folds = machine_folds(site, example, blocks, device, notes=tables.missing_notes(site, example, device))
    return element("div", *folds, class_="sd-measurements")


def _figure(fence: Fence, view: RecordView, kind: str, selections: tuple[Selection, ...]) -> Markup:
    options = svg.FigureOptions(
        x=fence.text("x"),
        quantity=fence.text("quantity"),
        log=fence.flag("log"),
        caption=fence.text("caption"),
        title=figure_titles(fence, OUTCOMES),
        tabled=bool(fence.flag("table")),
    )
    keys = selected_keys(view.record, selections)
    draw = domain(fence.site).figures.get(kind)
    if draw and options.title:
        raise fence.places["title"].refuse(f"a {kind} has no title", "write a caption")
    try:
        if draw:
            return draw(fence.site, view, keys, options.caption)
        return svg.figure(fence.site.root, view, kind, keys, options, fence.assets)
    except NoRoof as reason:
        return element("p", f"Not drawn for {view.label}: {reason}.", class_="sd-missing")
    except ValueError as reason:
        if view.stale or (selections and not keys):  # an older source may have had other points
            return element("p", f"Not drawn for {view.label}: its runs leave these points out.", class_="sd-missing")
        raise fence.places["figure"].refuse(f"{kind} of {view.record.example!r} can't be drawn: {reason}") from None


def _code(fence: Fence) -> Markup:
    """`code: kernels/gemm`: the source that ran, complete or one cell."""
    example = fence.site.examples[known_example(fence.site, str(fence.subject), fence.place)]
    cell = fence.options.get("cell")
    if not isinstance(cell, int):
        return listing(example)
    count = len(example.cells)
    if not 1 <= cell <= count:
        raise fence.places["cell"].refuse(f"example {example.id!r} has no cell {cell}", f"its cells are 1 to {count}")
    return listing(example, example.cells[cell - 1])


def _cite(fence: Fence) -> Markup:
    """`cite: kernels/gemm`: the citation as a sentence and in each format."""
    try:
        work = cite.reference(fence.site, str(fence.subject))
    except StackdocError as error:
        raise fence.place.refuse(error.problems[0].message, error.problems[0].hint) from None
    return cite.block(fence.site, work)


def _gallery(fence: Fence) -> Markup:
    """`gallery: kernels`: cards of the examples below a folder, of those in a list, or of all without a value."""
    examples = [fence.site.examples[id] for id in _gallery_ids(fence)]
    given = fence.options.get("tags", [])
    tags = [str(tag) for tag in given] if isinstance(given, list) else [str(given)]
    known = {tag for example in fence.site.examples.values() for tag in example.tags}
    for tag in tags:
        if tag not in known:
            raise fence.places["tags"].refuse(f"unknown tag {tag!r}", did_you_mean(tag, known))
    chosen = [example for example in examples if not tags or not set(example.tags).isdisjoint(tags)]
    if not chosen:
        raise fence.place.refuse("the gallery has no example", "name a folder, a list of examples, or other tags")
    return gallery.cards(fence.site, chosen, fence.assets)


def _gallery_ids(fence: Fence) -> list[str]:
    """Return the ids of the examples that a fence names, in its order or in that of their names."""
    asked, known = fence.subject, sorted(fence.site.examples)
    if isinstance(asked, list):
        return [known_example(fence.site, str(id), fence.place) for id in asked]
    if asked is None:
        return known
    folder = str(asked).strip("/")
    if found := [id for id in known if id.startswith(f"{folder}/") or id == folder]:
        return found
    folders = {id.rpartition("/")[0] for id in known} - {""}
    raise fence.place.refuse(f"unknown folder of examples {folder!r}", did_you_mean(folder, {*folders, *known}))


def _math(fence: Fence) -> Markup:
    """`math: |` and LaTeX: a formula on its own line."""
    if not isinstance(fence.subject, str):
        raise fence.place.refuse("a formula must be text", "write math: | and the LaTeX on the lines below")
    number, anchor = fence.text("number"), fence.text("anchor")
    for key in ("number", "anchor"):
        if key in fence.options and not SLUG.fullmatch(fence.text(key)):
            raise fence.places[key].refuse(
                f"{key} is {fence.text(key)!r}", "use lower-case letters, digits and hyphens"
            )
    return equation(fence.subject, fence.place, number, anchor or (f"equation-{number}" if number else ""))


DIRECTIVES: Mapping[str, Directive] = {
    "example": Directive(_example, {**FIGURE_OPTIONS, "points": (str, list), "device": (str,)}),
    "code": Directive(_code, {"cell": (int,)}),
    "machines": Directive(lambda fence: listings.machines_table(fence.site)),
    "cite": Directive(_cite, cacheable=False),
    "gallery": Directive(_gallery, {"tags": (str, list)}),
    "diagram": Directive(diagram.diagram, diagram.OPTIONS),
    "verify": Directive(lambda _: verify_box.box()),
    "math": Directive(_math, {"number": (int, str), "anchor": (str,)}),
}
