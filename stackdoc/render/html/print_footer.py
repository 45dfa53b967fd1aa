"""The line that a printed page ends with, hidden on screens: its address, its date and its records."""

from __future__ import annotations

import re

from markupsafe import Markup

from stackdoc.render.html.element import element, line
from stackdoc.site.site import Site

RECORD = re.compile(r'data-record="([0-9a-f]{12,16})"')


def print_footer(site: Site, title: str, address: str, html: str) -> Markup:
    """Return the line for the page published at `address`, which may be empty; its records are those in `html`."""
    dated = f". As of {site.newest}" if site.newest else ""
    records = ", ".join(dict.fromkeys(RECORD.findall(html)))
    ending = f"{dated}. Records: {records}." if records else f"{dated}."
    return print_only(", ".join(filter(None, (line(title), address))) + ending)


def print_only(words: str) -> Markup:
    """Return a text that appears on paper only: in an attribute, which themes don't show and searches don't index."""
    return element("p", class_="sd-print", data_words=words)
