"""The pages of the examples, each an executed notebook."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import partial

import nh3
from markupsafe import Markup

from stackdoc.errors import StackdocError
from stackdoc.measure.inputs import CACHED
from stackdoc.measure.outputs import PICTURES, STDERR, says_nothing, without_addresses
from stackdoc.model.example import Cell, Example
from stackdoc.model.record import Output
from stackdoc.reading import online
from stackdoc.render.citation import cite
from stackdoc.render.citation.records import record_reference
from stackdoc.render.domain import domain
from stackdoc.render.figures import svg
from stackdoc.render.figures.charts import Charts
from stackdoc.render.html import document, tables
from stackdoc.render.html.element import backticks_to_code, clean, element, join, line
from stackdoc.render.html.formulas import formula
from stackdoc.render.html.notebook_text import notebook_text
from stackdoc.render.html.page import Assets, Page
from stackdoc.render.pages.gallery import tag_links
from stackdoc.render.values.machine_switch import machine_folds, views_default_first
from stackdoc.render.values.points import Location, selected_keys
from stackdoc.render.values.record_view import RecordView
from stackdoc.site.site import Site

IMAGES = {"image/svg+xml", *PICTURES}
LONGEST_OUTPUT = 20_000  # characters of one text output; the page states how many are cut
HEAD = '<div class="sd-head"></div>'  # replaced by the head of the page when the notebook is published


def pages(site: Site, assets: Assets | None = None) -> tuple[Page, ...]:
    """Return `examples/<id>.ipynb` for each example."""
    return tuple(_page(site, example, assets) for _, example in sorted(site.examples.items()))


def _page(site: Site, example: Example, assets: Assets | None) -> Page:
    """Return the notebook without its head, which is most of its text: the renderer parses it several times."""
    text = notebook(site, example.id, HEAD, assets)
    return Page(f"examples/{example.id}.ipynb", line(example.title), text, "notebook")


def notebook(site: Site, example: str, head: str, assets: Assets | None = None) -> str:
    """Return the notebook as nbformat 4 JSON, with the outputs of its newest record; `head` follows the title.

    Cell ids are digests of position and content, so the same files give the same bytes.
    """
    subject = site.examples[example]
    ordered_views = views_default_first(site, example)
    outputs = ordered_views[0].record.outputs if ordered_views and not ordered_views[0].stale else ()
    charts = Charts(site, ordered_views[0].record.id if ordered_views else "", assets)
    cells = [_markdown(f"# {document.literal(subject.title)}\n\n{head}", "head")]
    say = partial(notebook_text, example=subject, site=site)
    if subject.text:
        cells.append(_markdown(say(subject.text), "text"))
    for number, cell in enumerate(subject.cells):
        cell_outputs = [output for output in outputs if output.cell == number and not says_nothing(output)]
        text = cell.text if cell.kind == "code" else cell.source
        if text:
            cells.append(_markdown(say(text), f"text {number}" if cell.kind == "code" else str(number)))
        if cell.kind == "code":
            cells.append(_code(charts, cell, number, cell_outputs))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}, "title": line(subject.title)}
    content = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def outputs(site: Site, view: RecordView) -> Markup:
    """Return all outputs of an example that measures nothing, with the machine they are from."""
    charts, record = Charts(site, view.record.id, None), view.record
    shown = [
        element("pre", _truncated(terminal_text(without_addresses(output.data))))
        if output.mime == "text/plain"
        else _html(charts, output)
        for output in record.outputs
    ]
    return element("div", *shown, tables.points(view, ()), class_="sd-outputs")


def head(site: Site, id: str, assets: Assets | None = None) -> str:
    """Return summary, figure, numbers, how to run the example and how to cite it.

    Adds the complete notebook and the script to `assets`.
    """
    example, ordered_views = site.examples[id], views_default_first(site, id)
    select = partial(selected_keys, selections=())
    figures = [(view, figure) for view in ordered_views if (figure := svg.of_record(site.root, view, assets))]
    figure_folds = element("div", *machine_folds(site, example.id, figures, silent=True), class_="sd-measurements")
    measured = tables.example_tables(site, example.id, select)
    note = (
        element("p", "The outputs of the cells below are from ", ordered_views[0].label, ".")
        if len(ordered_views) > 1
        else None
    )
    citations = [_cite(site, view) for view in ordered_views]
    summary = document.paragraph(backticks_to_code(line(example.summary))) if example.summary else None
    reason = _why_not_run(site, example) if not ordered_views else None
    cached = {caveat for view in ordered_views for caveat in view.record.caveats if CACHED in caveat}
    remarks = [element("p", f"{remark}.", class_="sd-remark") for remark in sorted(cached)]
    shown = (summary, reason, *remarks, figure_folds if figures else None, measured)
    parts = (*shown, _run_line(site, example, assets), *citations, note)
    text = "\n\n".join(str(part) for part in parts if part)
    if assets is not None:
        assets.add(f"examples/{id}.ipynb", notebook(site, id, text, assets).encode())
        assets.add(f"examples/{id}.py", clean(example.source).encode())
    return text


def _run_line(site: Site, example: Example, assets: Assets | None) -> Markup:
    """Return how to run the example, here or in an online service, its files, the page it belongs to and its tags."""
    program = "python" if example.path.endswith(".py") else "jupyter execute"
    services = [
        element("a", name, href=online.address(template, example.id, example.path))
        for name, template in site.online.items()
    ]
    kinds = ("py", "ipynb", *(["zip"] if site.gallery else [])) if assets is not None else ()
    files = [element("a", kind, href=f"/examples/{example.id}.{kind}", download=True) for kind in kinds]
    others = filter(None, [domain(site).home(site, example), tag_links(site, example)])
    return element(
        "p",
        *("Run it: ", element("code", f"{program} {example.path}"), ". "),
        *(["Open it in ", join(services, " · "), ". "] if services else []),
        join([*files, *others], " · "),
        class_="sd-run",
    )


def _why_not_run(site: Site, example: Example) -> Markup | None:
    """Return why the example has no record: a fault of the script, or its outcome here."""
    line = f" (line {example.fault_line})" if example.fault_line else ""
    outcomes = [site.outcomes.get(f"{example.id}@{device}", "") for device in example.devices]
    reason = f"{example.path}{line}: {example.fault}" if example.fault else "; ".join(filter(None, outcomes))
    return element("p", f"Not run: {reason}", class_="sd-unmeasured") if reason else None


def _cite(site: Site, view: RecordView) -> Markup:
    """Return the citation of the example on one machine, folded."""
    words = f"Cite: {view.label}, {view.record.device}, {view.date}"
    return cite.folded(site, words, record_reference(site, view, "", site.address))


def _markdown(source: str, place: str) -> dict[str, object]:
    return {"cell_type": "markdown", "id": _id(place, source), "metadata": {}, "source": _clean_source(source)}


def _code(charts: Charts, cell: Cell, number: int, outputs: list[Output]) -> dict[str, object]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": _id(str(number), cell.source),
        "metadata": {},
        "outputs": [_output(charts, output) for output in outputs],
        "source": _clean_source(cell.source),
    }


def _id(place: str, source: str) -> str:
    return hashlib.sha256(f"{place}\n{source}".encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _output(charts: Charts, output: Output) -> dict[str, object]:
    """Return the output in a harmless form: text as text, HTML sanitised, pictures as images."""
    if output.mime == "text/plain":
        return {
            "name": "stdout",
            "output_type": "stream",
            "text": _truncated(terminal_text(without_addresses(output.data))),
        }
    return {"data": {"text/html": str(_html(charts, output))}, "metadata": {}, "output_type": "display_data"}


def _html(charts: Charts, output: Output) -> Markup:
    if output.mime == "text/html":
        return sanitised(without_addresses(output.data))
    if output.mime == STDERR:
        printed = _truncated(terminal_text(without_addresses(output.data)))
        return element("details", element("summary", "Standard error"), element("pre", printed), class_="sd-stderr")
    if output.mime == "text/latex":
        return _formula_html(output.data)
    if output.mime in IMAGES:
        return image(output.mime, output.data, output.alt)
    if output.mime.startswith("application/vnd.vegalite"):
        return _chart_html(charts, output)
    return element("p", f"An output of the type {output.mime} is not shown.")


def _formula_html(latex: str) -> Markup:
    """Return a formula that an object has of itself; its LaTeX if that can't be set."""
    source = latex.strip().strip("$").removeprefix(r"\displaystyle").strip()
    try:
        return element("p", formula(source, Location("", 0), block=True))
    except StackdocError:
        return element("pre", clean(latex))


def sanitised(html: str) -> Markup:
    """Return HTML without scripts, styles, forms, event handlers and images; nothing is fetched for it."""
    attributes = {
        "table": {"class"},  # of a data frame
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan", "scope"},
        "a": {"href", "title"},
    }
    tags = nh3.ALLOWED_TAGS - {"img", "map", "area"}
    return Markup(
        nh3.clean(
            clean(html),
            tags=tags,
            attributes=attributes,
            attribute_filter=lambda _, name, value: value if name != "class" or value == "dataframe" else None,
            url_schemes={"http", "https"},
        )
    )


def image(mime: str, data: str, alt: str = "") -> Markup:
    """Return a picture as a data URL with alternative text; an SVG in one can neither run nor fetch anything."""
    encoded = data if mime != "image/svg+xml" else base64.b64encode(data.encode("utf-8", "replace")).decode()
    if not re.fullmatch(r"[A-Za-z0-9+/=\s]*", encoded):
        return element("p", "A picture of this cell is damaged and not shown.")
    source = f"data:{mime};base64,{''.join(encoded.split())}"
    return element("img", src=source, alt=line(alt) or "Output of this cell", class_="sd-output")


def _chart_html(charts: Charts, output: Output) -> Markup:
    """Return an author's Vega-Lite specification, drawn during the build, or why it was not drawn."""
    try:
        drawn, words = charts.drawn(output.data, output.alt)
    except ValueError as reason:
        return element("p", f"A chart of record {charts.record} can't be drawn: {reason}")
    return element("div", image("image/svg+xml", str(drawn), words), class_="sd-output")


def terminal_text(text: str) -> str:
    """Return the text as a terminal shows it: without colour codes, carriage returns applied."""
    uncoloured = re.sub(r"\x1b\[[0-9;?]*[ -/]*[@-~]", "", text.replace("\r\n", "\n"))
    return clean("\n".join(row.rsplit("\r", 1)[-1] for row in uncoloured.split("\n")))


def _clean_source(source: str) -> str:
    return clean(source.replace("\r\n", "\n"))


def _truncated(text: str) -> str:
    return (
        text
        if len(text) <= LONGEST_OUTPUT
        else f"{text[:LONGEST_OUTPUT]}\n[{len(text) - LONGEST_OUTPUT} more characters not shown]\n"
    )
