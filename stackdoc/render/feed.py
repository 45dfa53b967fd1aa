"""The Atom feed of figures that moved (RFC 4287), for readers that subscribe to the changelog."""

from __future__ import annotations

from xml.etree import ElementTree as xml

from stackdoc.errors import line
from stackdoc.render.pages import changelog
from stackdoc.render.values.record_view import record_path
from stackdoc.site.site import Site

PATH = "feed.xml"
NAMESPACE = "http://www.w3.org/2005/Atom"
MOST_ENTRIES = 50


def feed(site: Site) -> bytes:
    """Return the newest steps in which a figure moved; the site needs a published address.

    Times are those of records, so the same files give the same bytes.
    """
    xml.register_namespace("", NAMESPACE)
    moved = [step for step in changelog.steps(site) if step.moved][:MOST_ENTRIES]
    newest = max((step.newer.measured_at for step in moved), default="1970-01-01T00:00:00Z")
    root = xml.Element(f"{{{NAMESPACE}}}feed")
    root_address = site.address.rstrip("/")
    address = f"{root_address}/changelog/"
    _add(root, "id", address)
    _add(root, "title", f"{line(site.name)}: figures that moved")
    _add(root, "updated", newest)
    _add(root, "link", rel="self", href=f"{root_address}/{PATH}")
    _add(root, "link", rel="alternate", href=address)
    _add(_add(root, "author"), "name", line(site.author))
    for step in moved:
        entry = _add(root, "entry")
        _add(entry, "id", f"{root_address}{record_path(step.newer.id)}")
        _add(entry, "title", line(changelog.title(site, step)))
        _add(entry, "updated", step.newer.measured_at)
        _add(entry, "link", rel="alternate", href=f"{address}#{step.newer.id}")
        _add(entry, "summary", f"{step.counted} {', '.join(comparison.key for comparison in step.moved)}.")
    xml.indent(root)
    document: bytes = xml.tostring(root, "utf-8", xml_declaration=True)
    return document + b"\n"


def _add(parent: xml.Element, name: str, text: str | None = None, **attributes: str) -> xml.Element:
    child = xml.SubElement(parent, f"{{{NAMESPACE}}}{name}", attributes)
    child.text = text
    return child
