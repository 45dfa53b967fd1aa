"""An example's page: its executed notebook."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from functools import partial

import nh3
from markupsafe import Markup

from stackdoc.measure.outputs import says_nothing, without_addresses
from stackdoc.model.example import Cell, Example
from stackdoc.model.record import Output
from stackdoc.render.citation import cite
from stackdoc.render.citation.records import record_reference
from stackdoc.render.domain import Group, domain
from stackdoc.render.figures import svg
from stackdoc.render.figures.charts import Charts
from stackdoc.render.html import document, tables
from stackdoc.render.html.element import backticks_to_code, clean, element, join, line
from stackdoc.render.html.page import Assets, Page
from stackdoc.render.values.machine_switch import machine_folds, views_default_first
from stackdoc.render.values.points import selected_keys
from stackdoc.render.values.record_view import RecordView, views
from stackdoc.site.site import Site

IMAGES = {"image/svg+xml", "image/png", "image/jpeg"}
LONGEST_OUTPUT = 20_000  # characters of one text output; what is cut is said
HEAD = '<div class="sd-head"></div>'  # where a site puts the head of the page into the notebook


def pages(site: Site, assets: Assets | None = None) -> tuple[Page, ...]:
    """`examples/index.md`, and `examples/<id>.ipynb` for each example."""
    every = sorted(site.examples.values(), key=lambda example: example.id)
    return (_index(site, every), *(_page(site, example, assets) for example in every))


def _page(site: Site, example: Example, assets: Assets | None) -> Page:
    """The notebook without its head, since what renders it parses it several times over, and most of it is its head."""
    text = notebook(site, example.id, HEAD, assets)
    return Page(f"examples/{example.id}.ipynb", line(example.title), text, "notebook")


def notebook(site: Site, example: str, head: str, assets: Assets | None = None) -> str:
    """The page of the example as nbformat 4 JSON, with the outputs of its newest record; `head` follows the title.

    Cell ids are digests of their place and content, so the same files give the same bytes.
    """
    subject = site.examples[example]
    found = views_default_first(site, example)
    outputs = found[0].record.outputs if found and not found[0].stale else ()
    charts = Charts(site, found[0].record.id if found else "", assets)
    cells = [_markdown(f"# {document.literal(subject.title)}\n\n{head}", "head")]
    for number, cell in enumerate(subject.cells):
        shown = [output for output in outputs if output.cell == number and not says_nothing(output)]
        cells.append(_code(charts, cell, number, shown) if cell.kind == "code" else _markdown(cell.source, str(number)))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}, "title": line(subject.title)}
    content = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _index(site: Site, every: Sequence[Example]) -> Page:
    """The examples in the groups of the domain, else all in one."""
    groups = domain(site).groups(site, every) or [Group("", "", tuple(every))]
    rows = [row for group in groups if group.examples for row in _group(site, group)]
    shown = document.table("All examples", ("Example", "Measured on"), rows, "sd-grouped")
    return document.page(
        "examples/index.md",
        "Examples",
        "Every example, and where it was measured.",
        [shown if rows else document.paragraph("There are no examples yet.")],
    )


def _group(site: Site, group: Group) -> Iterator[Markup]:
    name = element("a", group.name, href=group.address) if group.address else group.name
    if name:
        yield element("tr", element("th", name, colspan=2, scope="rowgroup"), class_="sd-group")
    for example in group.examples:
        measured = [f"{view.label} ({view.record.device})" for view in views(site, example.id)]
        link = element("a", example.title, href=f"/examples/{example.id}/")
        yield document.row(link, join(measured, "; ") or "nowhere yet")


def head(site: Site, id: str, assets: Assets | None = None) -> str:
    """The summary; the figure and the numbers; then how to run it and how to cite it.

    Its files are the notebook, whole, and the script.
    """
    example, found = site.examples[id], views_default_first(site, id)
    select = partial(selected_keys, selections=())
    figured = [(view, one) for view in found if (one := svg.of_record(site.root, view, assets))]
    drawn = element("div", *machine_folds(site, example.id, figured, silent=True), class_="sd-measurements")
    measured = tables.example_tables(site, example.id, select)
    command = element("code", f"python {example.path}")
    files = [
        element("a", kind, href=f"/examples/{example.id}.{kind}", download=True)
        for kind in ("py", "ipynb")
        if assets is not None
    ]
    home = domain(site).home(site, example)
    tail = element(
        "p", "Run it alone: ", command, ". ", join([*files, home] if home else files, " · "), class_="sd-run"
    )
    several = element("p", "What the cells below print is of ", found[0].label, " alone.") if len(found) > 1 else None
    cited = [_cite(site, view) for view in found]
    summary = document.paragraph(backticks_to_code(line(example.summary))) if example.summary else None
    parts = (summary, drawn if figured else None, measured, tail, *cited, several)
    text = "\n\n".join(str(part) for part in parts if part)
    if assets is not None:
        assets.add(f"examples/{id}.ipynb", notebook(site, id, text, assets).encode())
        assets.add(f"examples/{id}.py", clean(example.source).encode())
    return text


def _cite(site: Site, view: RecordView) -> Markup:
    """The citation of the example on one machine, one fold away."""
    words = f"Cite: {view.label}, {view.record.device}, {view.date}"
    return cite.folded(words, record_reference(site, view, "", site.address))


def _markdown(source: str, place: str) -> dict[str, object]:
    return {"cell_type": "markdown", "id": _id(place, source), "metadata": {}, "source": _text(source)}


def _code(charts: Charts, cell: Cell, number: int, shown: list[Output]) -> dict[str, object]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": _id(str(number), cell.source),
        "metadata": {},
        "outputs": [_output(charts, output) for output in shown],
        "source": _text(cell.source),
    }


def _id(place: str, source: str) -> str:
    return hashlib.sha256(f"{place}\n{source}".encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _output(charts: Charts, output: Output) -> dict[str, object]:
    """The output as something that can't act: text as text, HTML sanitised, pictures as images."""
    if output.mime == "text/plain":
        return {"name": "stdout", "output_type": "stream", "text": _cut(plain(without_addresses(output.data)))}
    return {"data": {"text/html": str(_safe(charts, output))}, "metadata": {}, "output_type": "display_data"}


def _safe(charts: Charts, output: Output) -> Markup:
    if output.mime == "text/html":
        return sanitised(without_addresses(output.data))
    if output.mime in IMAGES:
        return image(output.mime, output.data, output.alt)
    if output.mime.startswith("application/vnd.vegalite"):
        return _chart(charts, output)
    return element("p", f"An output of the type {output.mime} is not shown.")


def sanitised(html: str) -> Markup:
    """HTML without scripts, styles, forms, events and foreign addresses; nothing is fetched for it."""
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
    """A picture by its data, said in words: what an SVG holds can neither run nor fetch anything there."""
    encoded = data if mime != "image/svg+xml" else base64.b64encode(data.encode("utf-8", "replace")).decode()
    if not re.fullmatch(r"[A-Za-z0-9+/=\s]*", encoded):
        return element("p", "A picture of this cell is damaged.")
    source = f"data:{mime};base64,{''.join(encoded.split())}"
    return element("img", src=source, alt=line(alt) or "Output of this cell", class_="sd-output")


def _chart(charts: Charts, output: Output) -> Markup:
    """An author's Vega-Lite specification, drawn at build; one that fetches its data is not."""
    try:
        drawn, words = charts.drawn(output.data, output.alt)
    except ValueError as reason:
        return element("p", f"A chart of record {charts.record} can't be drawn: {reason}")
    return element("div", image("image/svg+xml", str(drawn), words), class_="sd-output")


def plain(text: str) -> str:
    """What a terminal would show: without colours, a line rewritten by carriage returns once."""
    uncoloured = re.sub(r"\x1b\[[0-9;?]*[ -/]*[@-~]", "", text.replace("\r\n", "\n"))
    return clean("\n".join(row.rsplit("\r", 1)[-1] for row in uncoloured.split("\n")))


def _text(source: str) -> str:
    return clean(source.replace("\r\n", "\n"))


def _cut(text: str) -> str:
    return (
        text
        if len(text) <= LONGEST_OUTPUT
        else f"{text[:LONGEST_OUTPUT]}\n[cut: {len(text) - LONGEST_OUTPUT} characters more]\n"
    )
