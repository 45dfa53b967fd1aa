"""Citations of a record, a figure and a layer page: sentence, BibTeX, RIS, CSL-JSON."""

from __future__ import annotations

from stackdoc.site import Site

FORMATS = ("text", "bibtex", "ris", "csl-json")


def cite(site: Site, target: str, format: str = "text", address: str = "") -> str:
    """The citation of `target`: a record's id, `<id>#<point>`, an example (its newest record) or a layer's id.

    `address` is the published root of the site (`https://…/`); without it links stay relative to the root.
    Raises StackdocError for an unknown target or format.
    """
    raise NotImplementedError
