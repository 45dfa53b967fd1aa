"""Citations: the reference for a target, in any format, and the block on a page that offers it."""

from __future__ import annotations

from dataclasses import replace

from markupsafe import Markup

from stackdoc.errors import did_you_mean
from stackdoc.render.citation.editions import NAMED, edition_reference
from stackdoc.render.citation.formats import FORMATS, SENTENCE, Reference, citation_error, published
from stackdoc.render.citation.records import both_sides, comparison_reference, record_reference, view_by_name
from stackdoc.render.domain import domain
from stackdoc.render.html.element import element
from stackdoc.site.site import Site

__all__ = ["FORMATS", "Reference", "block", "cite", "published", "reference"]


def cite(site: Site, target: str, format: str = "text", address: str = "") -> str:
    """Return the citation of `target`, as `reference` reads it, in one of FORMATS.

    `address` is the published root of the site (`https://…/`) and defaults to `site.address`; without either, the
    citation has no address. Raises StackdocError for an unknown target or format.
    """
    if format not in FORMATS:
        raise citation_error(f"unknown format {format!r}", did_you_mean(format, FORMATS))
    return FORMATS[format].write(published(reference(site, target, address)))


def reference(site: Site, target: str, address: str = "") -> Reference:
    """Return the reference for `target`.

    A target is `ID`, `ID#POINT`, `EXAMPLE` or `EXAMPLE@MACHINE` (both also with `#POINT`), two of them separated by a
    comma (`EXAMPLE@MACHINE,MACHINE#POINT`, `ID,ID#POINT`), `edition:NAME`, or one of the domain's, such as a layer.
    Raises StackdocError with the nearest known name.
    """
    address = address or site.address
    name, _, point = target.partition("#")
    if "," in name:
        return comparison_reference(site, *both_sides(site, name), point, address)
    if view := view_by_name(site, name):
        return record_reference(site, view, point, address)
    for edition in site.editions:
        if name == f"{NAMED}{edition.name}" and not point:
            return edition_reference(edition)
    hooks = domain(site)
    if not point and (work := hooks.reference(site, name, address)):
        return work
    known = [*site.examples, *site.records, *(f"{NAMED}{it.name}" for it in site.editions), *hooks.citable(site)]
    raise citation_error(f"nothing to cite under {target!r}", did_you_mean(name, known))


def located(site: Site, work: Reference) -> Reference:
    """Return the reference with its address from the root of the site, as far as that is known."""
    return replace(work, url=f"/{site.layout.prefix}{work.url[1:]}") if work.url.startswith("/") else work


def block(site: Site, work: Reference) -> Markup:
    """Return the citation as a sentence, with the other formats folded below it.

    If the site was built without an address, the hidden link lets the script find the one at which it is read.
    """
    work = located(site, work)
    folded_formats = [format for format in FORMATS if format != SENTENCE]
    return element(
        "div",
        _written(SENTENCE, work),
        element(
            "details",
            element("summary", ", ".join(FORMATS[format].name for format in folded_formats)),
            *(_written(format, work) for format in folded_formats),
        ),
        element("a", href="/", hidden=True, data_home=True) if work.url.startswith("/") else None,
        class_="sd-citation",
    )


def folded(site: Site, words: object, work: Reference) -> Markup:
    """Return the block folded behind `words`."""
    return element("details", element("summary", words), block(site, work), class_="sd-cite-one")


def _written(format: str, work: Reference) -> Markup:
    text = FORMATS[format].write(work).replace("\r\n", "\n").strip()
    return element("pre", text, data_format=format, data_name=FORMATS[format].name)
