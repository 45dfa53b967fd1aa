"""The box that leads from an id, a link or a citation to its record, and the list of records that its script reads."""

from __future__ import annotations

from markupsafe import Markup

from stackdoc.render.html.element import element
from stackdoc.render.html.page import Page
from stackdoc.site.site import Site

LIST = "r/ids.js"
SCRIPT = "/assets/stackdoc/verify/verify.js"


def box() -> Markup:
    """Return the place where the script puts the box, and what to do without a script."""
    place = element("div", class_="sd-verify", data_src=f"/{LIST}", hidden=True)
    way = element(
        "p",
        "To verify a figure without a script, open ",
        element("code", "/r/ID/"),
        " on this site, or let ",
        element("code", "stackdoc verify FILE"),
        " check a document that cites it.",
    )
    return Markup(place + element("noscript", way) + element("script", src=SCRIPT, defer=True))


def record_list(site: Site) -> Page:
    """Return the ids of all records with the rest of their SHA-256, as a script that a page on a disk can load."""
    entries = (f"{id}.{record.sha256.removeprefix(id)}" for id, record in sorted(site.records.items()))
    return Page(LIST, "Records", f'document.currentScript.records = "{" ".join(entries)}".split(" ");\n', "file")
