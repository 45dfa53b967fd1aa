"""The page of laws: each formula with its symbols, its source, the numbers that it reproduces, and who uses it."""

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
from stackdoc.stack.laws.shown import exact, joined, uncounted

HEADS = (("symbol", False), ("unit", False), ("meaning", False))


def page(site: Site) -> Page:
    """By layer, as the layers come."""
    known = handbook(site)
    blocks: list[str | Markup | None] = [
        document.paragraph(
            "The formulas with which the pages and the examples of this handbook predict. Each is checked for its "
            "dimensions and against the published numbers beside it; one that fails either stops the build."
        )
    ]
    for place in known.stack.places:
        found = [law for law in known.laws.values() if law.layer == place.id]
        if found:
            blocks.append(document.heading(place.name, place.id))
            for law in found:
                blocks += [document.heading(law.name, f"law-{law.id}", 3), *_law(site, law)]
    return document.page("laws.md", "Laws", "The formulas of the handbook, with units, sources and tests.", blocks)


def _law(site: Site, law: Law) -> Iterator[Markup | None]:
    where = Location(site.layout.collection("laws"), 0)
    unit = "a plain number" if law.unit == "1" else law.unit
    yield calc.formula(law, where)
    yield document.paragraph(f"Result: {unit}. Source: ", link(backticks_to_code(law.source), law.url), ".")
    yield document.paragraph(backticks_to_code(law.note)) if law.note else None
    rows = [[calc.spoken(name), "–" if one.unit == "1" else one.unit, one.means] for name, one in law.symbols.items()]
    yield table(HEADS, rows, "Symbols.", stacked=True)
    yield element("p", "It reproduces:")
    yield document.listing(_vector(law, vector) for vector in law.vectors)
    yield _uses(site, law)


def _vector(law: Law, vector: Vector) -> Markup:
    """`80 layers, …: 2.68 GB (source)`."""
    put = ", ".join(f"{calc.spoken(name)} {_printed(value, law.units[name])}" for name, value in vector.given.items())
    result = element("strong", _printed(vector.result, law.unit))
    return join([put, ": ", result, " (", link(backticks_to_code(vector.source), vector.url), ")"])


def _printed(value: float | str, unit: str) -> str:
    return value if isinstance(value, str) else uncounted(joined(exact(float(value)), unit))


def _uses(site: Site, law: Law) -> Markup | None:
    """The pages that work it out, the examples that predict by it."""
    asked = re.compile(rf"\.law\(\s*[\"']{re.escape(law.id)}[\"']")
    found = [
        *(link(title, f"/{_address(page)}") for page, title in handbook(site).law_uses.get(law.id, ())),
        *(link(one.title, f"/examples/{one.id}/") for one in site.examples.values() if asked.search(one.source)),
    ]
    return document.paragraph("Used by ", join(found, ", "), ".") if found else None


def _address(page: str) -> str:
    path = PurePosixPath(page).with_suffix("")
    whole = path.parent if path.name == "index" else path
    return f"{whole.as_posix()}/" if whole.name else ""
