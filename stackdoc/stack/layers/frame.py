"""The frame around the text of a layer page: dates, margin, neighbours and footer."""

from __future__ import annotations

import re
from collections.abc import Callable

from markupsafe import Markup

from stackdoc.errors import capitalised
from stackdoc.render.citation import cite
from stackdoc.render.html import document
from stackdoc.render.html.element import element, line
from stackdoc.render.html.print_footer import print_only
from stackdoc.render.pages import machine as machines
from stackdoc.render.values.record_view import date_of
from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook
from stackdoc.stack.layers import tower
from stackdoc.stack.results.lead import lead
from stackdoc.stack.taxonomies.pages import place_link

UNWRAPPED = 2  # the head of the page and its first section, which are on the first screen


def dates(site: Site, layer: str, reviewed: str = "") -> Markup | None:
    """Render when the text was reviewed, when and on how many machines it was last measured, and its newest source."""
    records = [
        record
        for record in site.records.values()
        if record.example in site.examples
        and site.examples[record.example].layer == layer
        and record.id not in site.withdrawn
        and not site.contributor(record)
    ]
    machines = len({record.machine.id for record in records})
    newest = max((date_of(record) for record in records), default="")
    source = max((fact.as_of for fact in handbook(site).facts.values() if fact.layer == layer), default="")
    parts = [
        f"Text reviewed {line(reviewed)}" if reviewed else "",
        f"measured up to {newest} on {document.count(machines, 'machine')}" if records else "nothing measured yet",
        f"newest source {source}" if source else "",
    ]
    words = "; ".join(text for text in parts if text)
    return element("p", f"{capitalised(words)}.", class_="sd-dates")


def margin(site: Site, layer: str) -> Markup:
    """Render the margin: the position of the page in the stack, and the roofs of the selected machine."""
    return element("div", tower.locator(site, layer), machines.card(site), class_="sd-margin")


def neighbours(site: Site, layer: str) -> Markup | None:
    """Link the layers directly below and above; a plane has none."""
    stack = handbook(site).stack
    here = stack.place(layer)
    if here.is_plane:
        return None
    at = stack.layers.index(here)
    below = stack.layers[at - 1] if at else None
    above = stack.layers[at + 1] if at + 1 < len(stack.layers) else None
    items = [
        element("li", "Below: ", place_link(stack, below.id)) if below else None,
        element("li", "Above: ", place_link(stack, above.id)) if above else None,
    ]
    return document.listing([item for item in items if item], "sd-neighbours")


def footer(site: Site, layer: str) -> Markup:
    """Render the footer that appears only in print: address, revision and records of the page."""
    reference = cite.located(site, cite.reference(site, layer))
    records = f" Records: {', '.join(reference.records)}." if reference.records else ""
    return print_only(f"{reference.title}, {reference.url}. Revision {reference.number}.{records}")


def framed(site: Site, layer: str, html: str, reviewed: str = "", fitted: Callable[[str], str] = str) -> str:
    """Add the dates and the result below the title and question of a page, and neighbours and footer at its end.

    `fitted` adapts added HTML.
    """
    head, title, rest = wrap_sections(html).partition("</h1>")
    asked, question, text = rest.partition("</em></p>")  # the question of the page, if its text begins with it
    if "<h2" in asked or not question:
        asked, question, text = "", "", rest
    result = fitted(str(lead(site, layer) or ""))
    below = [dates(site, layer, reviewed) or "", asked, question, result, text]
    parts = [head, title, *below] if title else [dates(site, layer, reviewed), result, html]
    ending = fitted(f"{neighbours(site, layer) or ''}{footer(site, layer)}")
    return "".join(str(part) for part in [*parts, ending])


def wrap_sections(html: str) -> str:
    """Wrap the content of every section but the first ones, so that a browser may defer its layout.

    The headings stay outside, since their positions are needed before anyone scrolls. A page with a heading within
    another element is returned unchanged.
    """
    sections = re.split(r"(?=<h[23]\b)", html)
    if not all(_is_balanced(section) for section in sections):
        return html
    return "".join([*sections[:UNWRAPPED], *map(_wrap, sections[UNWRAPPED:])])


def _wrap(section: str) -> str:
    heading, end, rest = section.partition(f"</{section[1:3]}>")
    return f'{heading}{end}<div class="sd-part">{rest}</div>' if rest.strip() else section


def _is_balanced(section: str) -> bool:
    """Whether every container element that begins in a section also ends there."""
    tags = re.findall(r"<(/?)(div|section|details|blockquote|ul|ol|dl|table|figure|nav|aside)\b", section)
    return all(tags.count(("", name)) == tags.count(("/", name)) for _, name in tags)
