"""Citing: what a target names, in any format, and the block on a page that offers it."""

from __future__ import annotations

from markupsafe import Markup

from stackdoc.errors import did_you_mean
from stackdoc.render.citation.formats import FORMATS, WRITERS, Reference, citation_error
from stackdoc.render.citation.records import both_sides, comparison_reference, record_reference, view_by_name
from stackdoc.render.domain import domain
from stackdoc.render.html.element import element
from stackdoc.site.site import Site

__all__ = ["FORMATS", "WRITERS", "Reference", "block", "cite", "reference"]

NAMES = {"markdown": "Markdown", "bibtex": "BibTeX", "ris": "RIS", "csl-json": "CSL-JSON", "cff": "CITATION.cff"}


def cite(site: Site, target: str, format: str = "text", address: str = "") -> str:
    """The citation of `target`, as `reference` understands it, in one of FORMATS.

    `address` is the published root of the site (`https://…/`), by default the one that the site knows; without
    either, links begin at the root. Raises StackdocError for an unknown target or format.
    """
    if format not in FORMATS:
        raise citation_error(f"unknown format {format!r}", did_you_mean(format, FORMATS))
    return WRITERS[format](reference(site, target, address))


def reference(site: Site, target: str, address: str = "") -> Reference:
    """What `target` names: `ID`, `ID#POINT`, `EXAMPLE`, `EXAMPLE@MACHINE` (both with `#POINT`), two of them with a
    comma between (`EXAMPLE@MACHINE,MACHINE#POINT`, `ID,ID#POINT`), or what the domain has, such as a layer.

    Raises StackdocError with the nearest known name.
    """
    address = address or site.address
    name, _, point = target.partition("#")
    if "," in name:
        return comparison_reference(site, *both_sides(site, name), point, address)
    if view := view_by_name(site, name):
        return record_reference(site, view, point, address)
    own = domain(site)
    if not point and (found := own.reference(site, name, address)):
        return found
    known = [*site.examples, *site.records, *own.citable(site)]
    raise citation_error(f"nothing to cite under {target!r}", did_you_mean(name, known))


def block(work: Reference) -> Markup:
    """The citation to read and to copy: the sentence in sight, the formats one fold away.

    The link leads a script to the address that the site has where it is read, if it was built without one.
    """
    return element(
        "div",
        _written("text", "sentence", work),
        element(
            "details",
            element("summary", ", ".join(NAMES.values())),
            *(_written(format, name, work) for format, name in NAMES.items()),
        ),
        element("a", href=work.url, hidden=True, data_address=work.url) if work.url.startswith("/") else None,
        class_="sd-citation",
    )


def folded(words: object, work: Reference) -> Markup:
    """The same block one fold away, behind `words`."""
    return element("details", element("summary", words), block(work), class_="sd-cite-one")


def _written(format: str, name: str, work: Reference) -> Markup:
    text = WRITERS[format](work).replace("\r\n", "\n").strip()
    return element("pre", text, data_format=format, data_name=name)
