"""What paper needs at the end of a page, and the screen does not show: its address, its date, the records on it."""

from __future__ import annotations

import re

from markupsafe import Markup

from stackdoc.render.html import element, join, line, link
from stackdoc.site import Site

RECORD = re.compile(r'data-record="([0-9a-f]{12})"')


def foot(site: Site, title: str, path: str, html: str) -> Markup:
    """`path` is where the page is published, relative to the site; the records are those that `html` shows."""
    address = link(f"{site.address}{path}", f"{site.address}{path}") if site.address else f"/{path}"
    dated = f". As of {site.newest}" if site.newest else ""
    records = ", ".join(dict.fromkeys(RECORD.findall(html)))
    said = f"{dated}. Records: {records}." if records else f"{dated}."
    return element("p", join([line(title), ", ", address, said]), class_="sd-print")
