"""What stands around the text of a layer's page, written by hand or not: its three dates, its neighbours, its foot."""

from __future__ import annotations

import re
from collections.abc import Callable

from markupsafe import Markup

from stackdoc.render.citation import cite
from stackdoc.render.html import document
from stackdoc.render.html.element import element, line
from stackdoc.render.html.print_footer import print_only
from stackdoc.render.pages import machine as machines
from stackdoc.render.values.record_view import date_of
from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook
from stackdoc.stack.layers import tower
from stackdoc.stack.taxonomies.pages import place

FIRST = 2  # the head of a page and its first section: what stands beside the margin, and on a first screen


def dates(site: Site, layer: str, reviewed: str = "") -> Markup | None:
    """When the text was last reviewed, when and on how many machines it was last measured, its newest source."""
    records = [
        one
        for one in site.records.values()
        if one.example in site.examples and site.examples[one.example].layer == layer and one.id not in site.withdrawn
    ]
    machines = len({one.machine.id for one in records})
    newest = max((date_of(one) for one in records), default="")
    source = max((fact.as_of for fact in handbook(site).facts.values() if fact.layer == layer), default="")
    said = [
        f"Text reviewed {line(reviewed)}" if reviewed else "",
        f"measured up to {newest} on {document.count(machines, 'machine')}" if records else "nothing measured yet",
        f"newest source {source}" if source else "",
    ]
    words = "; ".join(part for part in said if part)
    return element("p", f"{words[:1].upper()}{words[1:]}.", class_="sd-dates")


def margin(site: Site, layer: str) -> Markup:
    """What stands beside the text on a wide screen: where the page stands, and what the machine chosen can do."""
    return element("div", tower.locator(site, layer), machines.card(site), class_="sd-margin")


def neighbours(site: Site, layer: str) -> Markup | None:
    """The layers next below and above; a plane has none."""
    stack = handbook(site).stack
    here = stack.place(layer)
    if here.is_plane:
        return None
    at = stack.layers.index(here)
    below = stack.layers[at - 1] if at else None
    above = stack.layers[at + 1] if at + 1 < len(stack.layers) else None
    items = [
        element("li", "Below: ", place(stack, below.id)) if below else None,
        element("li", "Above: ", place(stack, above.id)) if above else None,
    ]
    return document.listing([item for item in items if item], "sd-neighbours")


def foot(site: Site, layer: str) -> Markup:
    """What paper needs, and the screen does not show: address, revision, the records that the page rests on."""
    work = cite.reference(site, layer)
    records = f" Records: {', '.join(work.records)}." if work.records else ""
    return print_only(f"{work.title}, {work.url}. Revision {work.number}.{records}")


def framed(site: Site, layer: str, html: str, reviewed: str = "", fitted: Callable[[str], str] = str) -> str:
    """The page's HTML with its dates below the title, and neighbours and foot at the end; what is added is `fitted`."""
    head, title, rest = parted(html).partition("</h1>")
    parts = [head, title, dates(site, layer, reviewed) or "", rest] if title else [dates(site, layer, reviewed), html]
    ending = fitted(f"{neighbours(site, layer) or ''}{foot(site, layer)}")
    return "".join(str(part) for part in [*parts, ending])


def parted(html: str) -> str:
    """What follows each heading but the first ones as an element, which a phone lays out when it comes near the screen.

    The headings stay outside: where they are is asked before anybody scrolls. A page with a heading inside of another
    element stays as it is.
    """
    pieces = re.split(r"(?=<h[23]\b)", html)
    if not all(_is_whole(piece) for piece in pieces):
        return html
    return "".join([*pieces[:FIRST], *map(_part, pieces[FIRST:])])


def _part(piece: str) -> str:
    heading, end, rest = piece.partition(f"</{piece[1:3]}>")
    return f'{heading}{end}<div class="sd-part">{rest}</div>' if rest.strip() else piece


def _is_whole(piece: str) -> bool:
    """Whether every element that holds others ends in the piece that it begins in."""
    tags = re.findall(r"<(/?)(div|section|details|blockquote|ul|ol|dl|table|figure|nav|aside)\b", piece)
    return all(tags.count(("", name)) == tags.count(("/", name)) for _, name in tags)
