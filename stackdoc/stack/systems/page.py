"""The frame around the text of the page of a system: its details, its figures and related systems."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import partial

from markupsafe import Markup

from stackdoc.render.html import document, tables
from stackdoc.render.html.element import backticks_to_code, element, join, line, link
from stackdoc.render.pages import environments as environments_page
from stackdoc.render.pages.listings import titled
from stackdoc.render.values.points import selected_keys
from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook
from stackdoc.stack.layers.types import Stack
from stackdoc.stack.systems.details import aliases, notes, places, state, why_not_run
from stackdoc.stack.systems.table import address
from stackdoc.stack.systems.types import System
from stackdoc.stack.taxonomies.pages import place_link, row_link, row_reference

SHOWN = re.compile(r"(?m)^[ \t]*example:[ \t]*[\"']?([\w/-]+)")


def head(site: Site, system: System, reviewed: str = "") -> Markup:
    """Render the details of the system for the top of its page."""
    facts = document.definitions(list(_facts(site, system)), "sd-voices sd-voices--terse")
    review_date = element("p", f"Text reviewed {line(reviewed)}.", class_="sd-dates") if reviewed else ""
    return join([review_date, element("p", system.purpose, class_="sd-lede"), facts or ""])


def _facts(site: Site, system: System) -> Iterator[tuple[object, object]]:
    yield "Also called", aliases(system)
    yield "Home page", link(system.home, system.home) if system.home else ""
    yield "Kind", ", ".join(filter(None, [system.kind, system.subkind]))
    yield "Licence", system.licence
    yield "Layers", places(site, system)
    yield "In the sources", _mentions(site, system)
    yield "Named by guests", _guest_rows(handbook(site).stack, system)
    yield "Note", notes(site, system)
    yield "State", state(system)
    yield "Environment", join(list(_environments(site, system)), element("br"))
    yield (
        "Runs here",
        join([titled(site, id) for id in system.examples], ", ") if system.examples else why_not_run(site, system),
    )
    yield "Compared in", comparisons_of(site, system)


def _mentions(site: Site, system: System) -> Markup | str:
    """Render the rows of each source that name the system."""
    if not system.mentions:
        return "not named by any; included for a comparison" if system.compared else ""
    texts = []
    for taxonomy in handbook(site).stack.taxonomies:
        id = taxonomy.source.id
        rows = [
            row_reference(handbook(site).stack, mention)
            for mention in system.mentions
            if mention.partition(":")[0] == id
        ]
        source = element("a", id, href=f"/sources/{id}/", class_="sd-code")
        texts.append(
            join(rows, ", ") if rows else join([source, element("span", " does not name it", class_="sd-none")])
        )
    return join(texts, "; ")


def _guest_rows(stack: Stack, system: System) -> Markup:
    """Render the rows of the guests that name the system."""
    rows = (row for taxonomy in stack.guests for row in taxonomy.layers if system.id in row.tools)
    return join([row_link(row) for row in rows], ", ")


def _environments(site: Site, system: System) -> Iterator[Markup]:
    """Render the environment of each example of the system."""
    names = dict.fromkeys(site.examples[id].environment for id in system.examples if id in site.examples)
    for name in names:
        if name:
            yield environments_page.summary_line(site, name)
        else:
            yield element("span", "the handbook’s own")
    if system.environment and system.environment not in names:
        yield element("span", f"{system.environment}, without an example yet")


def comparisons_of(site: Site, system: System) -> Markup:
    comparisons = [comparison for comparison in handbook(site).alternatives.values() if system.id in comparison.systems]
    return join(
        [element("a", comparison.title, href=f"/alternatives/{comparison.id}/") for comparison in comparisons], ", "
    )


def tail(site: Site, system: System, text: str = "") -> list[str | Markup | None]:
    """Render the examples of the system that its text does not show, and related systems."""
    blocks: list[str | Markup | None] = []
    for id in not_shown(site, system, SHOWN.findall(text)):
        blocks += [
            document.heading(site.examples[id].title, id.replace("/", "-")),
            document.paragraph(titled(site, id), ": ", backticks_to_code(site.examples[id].summary)),
            tables.example_tables(site, id, partial(selected_keys, selections=())),
        ]
    if related := related_systems(site, system):
        blocks += [document.heading("Related systems", "beside"), related]
    blocks.append(document.paragraph(element("a", "All systems", href=f"/systems/#{system.id}")))
    return blocks


def not_shown(site: Site, system: System, shown: Collection[str]) -> list[str]:
    return [id for id in system.examples if id in site.examples and id not in shown]


def related_systems(site: Site, system: System) -> Markup | None:
    """List the other systems of its main layer in one paragraph, those with examples first."""
    others = [
        other for other in handbook(site).systems.values() if other.layer == system.layer and other.id != system.id
    ]
    if not others or system.layer not in {layer.id for layer in handbook(site).stack.places}:
        return None
    others.sort(key=lambda other: (not other.examples, other.name.lower()))
    names = join([element("a", other.name, href=address(site, other)) for other in others], ", ")
    return document.paragraph("Also in ", place_link(handbook(site).stack, system.layer), ": ", names, ".")


def framed(html: str, before: str) -> str:
    """Insert the details of the system below the title of the page."""
    first, heading, rest = html.partition("</h1>")
    return f"{first}{heading}{before}{rest}" if heading else f"{before}{html}"
