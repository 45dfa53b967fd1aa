"""What paper needs at the end of a page, and the screen does not show: its address, its date, the records on it."""

from __future__ import annotations

import re

from markupsafe import Markup

from stackdoc.render.html.element import element, line
from stackdoc.site.site import Site

RECORD = re.compile(r'data-record="([0-9a-f]{12})"')


def print_footer(site: Site, title: str, path: str, html: str) -> Markup:
    """`path` is where the page is published, relative to the site; the records are those that `html` shows."""
    address = f"{site.address.rstrip('/')}/{path}"
    dated = f". As of {site.newest}" if site.newest else ""
    records = ", ".join(dict.fromkeys(RECORD.findall(html)))
    said = f"{dated}. Records: {records}." if records else f"{dated}."
    return print_only(f"{line(title)}, {address}{said}")


def print_only(words: str) -> Markup:
    """Words that only a printer gets: as an attribute, which no theme shows and no search reads."""
    return element("p", class_="sd-print", data_words=words)
