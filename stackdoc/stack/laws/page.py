"""The page of laws: each formula with its symbols, source, test values and uses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from markupsafe import Markup

from stackdoc.laws.law import Law, Vector
from stackdoc.render.html import document
from stackdoc.render.html.element import backticks_to_code, element, join, link
from stackdoc.render.html.page import Page
from stackdoc.render.html.tables import table
from stackdoc.render.values.points import Location
from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook
from stackdoc.stack.laws import calc
from stackdoc.stack.laws.formatting import format_exact, with_unit, without_count

HEADS = (("symbol", False), ("unit", False), ("meaning", False))


def page(site: Site) -> Page:
    """Return the page `laws.md`, grouped by layer."""
    known = handbook(site)
    blocks: list[str | Markup | None] = [
        document.paragraph(
            "The formulas behind the predictions on the pages and in the examples of this handbook. Each must be "
            "dimensionally consistent and reproduce the published values listed with it; otherwise the build stops."
        )
    ]
    for place in known.stack.places:
        laws = [law for law in known.laws.values() if law.layer == place.id]
        if laws:
            blocks.append(document.heading(place.name, place.id))
            for law in laws:
                blocks += [document.heading(law.name, f"law-{law.id}", 3), *_law(site, law)]
    return document.page("laws.md", "Laws", "The formulas of the handbook, with units, sources and tests.", blocks)


def _law(site: Site, law: Law) -> Iterator[Markup | None]:
    where = Location(site.layout.collection("laws"), 0)
    unit = "a plain number" if law.unit == "1" else law.unit
    yield calc.formula(law, where)
    yield document.paragraph(f"Result: {unit}. Source: ", link(backticks_to_code(law.source), law.url), ".")
    yield document.paragraph(backticks_to_code(law.note)) if law.note else None
    rows = [
        [calc.readable(name), "–" if symbol.unit == "1" else symbol.unit, symbol.means]
        for name, symbol in law.symbols.items()
    ]
    yield table(HEADS, rows, "Symbols.", stacked=True)
    yield element("p", "Published values that it reproduces:")
    yield document.listing(_vector(law, vector) for vector in law.vectors)
    yield _uses(site, law)


def _vector(law: Law, vector: Vector) -> Markup:
    """`80 layers, …: 2.68 GB (source)`."""
    inputs = ", ".join(
        f"{calc.readable(name)} {_printed(value, law.units[name])}" for name, value in vector.given.items()
    )
    result = element("strong", _printed(vector.result, law.unit))
    return join([inputs, ": ", result, " (", link(backticks_to_code(vector.source), vector.url), ")"])


def _printed(value: float | str, unit: str) -> str:
    return value if isinstance(value, str) else without_count(with_unit(format_exact(float(value)), unit))


def _uses(site: Site, law: Law) -> Markup | None:
    """Link the pages that use the law and the examples that call it."""
    call = re.compile(rf"\.law\(\s*[\"']{re.escape(law.id)}[\"']")
    users = [
        *(link(title, f"/{_address(page)}") for page, title in handbook(site).uses.by_law.get(law.id, ())),
        *(
            link(example.title, f"/examples/{example.id}/")
            for example in site.examples.values()
            if call.search(example.source)
        ),
    ]
    return document.paragraph("Used by ", join(users, ", "), ".") if users else None


def _address(page: str) -> str:
    path = PurePosixPath(page).with_suffix("")
    address = path.parent if path.name == "index" else path
    return f"{address.as_posix()}/" if address.name else ""
