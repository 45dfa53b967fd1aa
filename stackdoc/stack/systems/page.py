"""What stands around the text of a system's page, written by hand or not: what is known of it, and its figures."""

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
from stackdoc.stack.systems.parts import aliases, notes, places, state, why_none
from stackdoc.stack.systems.table import address
from stackdoc.stack.systems.types import System
from stackdoc.stack.taxonomies.pages import place_link, row_reference

SHOWN = re.compile(r"(?m)^[ \t]*example:[ \t]*[\"']?([\w/-]+)")


def head(site: Site, one: System, reviewed: str = "") -> Markup:
    """What is known of the system, apart and in the order in which it is asked for."""
    pairs = document.definitions(list(_facts(site, one)), "sd-voices sd-voices--terse")
    said = element("p", f"Text reviewed {line(reviewed)}.", class_="sd-dates") if reviewed else ""
    return join([said, element("p", one.purpose, class_="sd-lede"), pairs or ""])


def _facts(site: Site, one: System) -> Iterator[tuple[object, object]]:
    yield "Also called", aliases(one)
    yield "Home page", link(one.home, one.home) if one.home else ""
    yield "Kind", ", ".join(filter(None, [one.kind, one.subkind]))
    yield "Licence", one.licence
    yield "Stands in", places(site, one)
    yield "In the sources", _numbering(site, one)
    yield "Note", notes(site, one)
    yield "State", state(one)
    yield "Environment", join(list(_environments(site, one)), element("br"))
    yield "Runs here", join([titled(site, id) for id in one.examples], ", ") if one.examples else why_none(site, one)
    yield "Compared in", compared(site, one)


def _numbering(site: Site, one: System) -> Markup | str:
    """Each source with the rows that name the system, or that it names it nowhere."""
    if not one.mentions:
        return "named by none of them; it stands here for a comparison" if one.compared else ""
    said = []
    for taxonomy in handbook(site).stack.taxonomies:
        id = taxonomy.source.id
        rows = [row_reference(handbook(site).stack, name) for name in one.mentions if name.partition(":")[0] == id]
        source = element("a", id, href=f"/sources/{id}/", class_="sd-code")
        said.append(
            join(rows, ", ") if rows else join([source, element("span", " does not name it", class_="sd-none")])
        )
    return join(said, "; ")


def _environments(site: Site, one: System) -> Iterator[Markup]:
    """What each example needs besides the handbook's own packages, what it takes, and how it is made."""
    named = dict.fromkeys(site.examples[id].environment for id in one.examples if id in site.examples)
    for name in named:
        if name:
            yield environments_page.summary_line(site, name)
        else:
            yield element("span", "the handbook’s own")
    if one.environment and one.environment not in named:
        yield element("span", f"{one.environment}, which has no example of it yet")


def compared(site: Site, one: System) -> Markup:
    found = [each for each in handbook(site).alternatives.values() if one.id in each.systems]
    return join([element("a", each.title, href=f"/alternatives/{each.id}/") for each in found], ", ")


def tail(site: Site, one: System, text: str = "") -> list[str | Markup | None]:
    """The figures of those of its examples that the text does not show, and its neighbours on the layer."""
    blocks: list[str | Markup | None] = []
    for id in hidden(site, one, SHOWN.findall(text)):
        blocks += [
            document.heading(site.examples[id].title, id.replace("/", "-")),
            document.paragraph(titled(site, id), ": ", backticks_to_code(site.examples[id].summary)),
            tables.example_tables(site, id, partial(selected_keys, selections=())),
        ]
    if beside := neighbours(site, one):
        blocks += [document.heading("Beside it", "beside"), beside]
    blocks.append(document.paragraph(element("a", "All systems", href=f"/systems/#{one.id}")))
    return blocks


def hidden(site: Site, one: System, shown: Collection[str]) -> list[str]:
    return [id for id in one.examples if id in site.examples and id not in shown]


def neighbours(site: Site, one: System) -> Markup | None:
    """The other systems at home on its layer, in one paragraph: those that run here first."""
    others = [other for other in handbook(site).systems.values() if other.layer == one.layer and other.id != one.id]
    if not others or one.layer not in {layer.id for layer in handbook(site).stack.places}:
        return None
    others.sort(key=lambda other: (not other.examples, other.name.lower()))
    names = join([element("a", other.name, href=address(site, other)) for other in others], ", ")
    return document.paragraph("At home in ", place_link(handbook(site).stack, one.layer), " too: ", names, ".")


def framed(html: str, before: str) -> str:
    """The page's HTML with what is known of the system below its title."""
    first, heading, rest = html.partition("</h1>")
    return f"{first}{heading}{before}{rest}" if heading else f"{before}{html}"
