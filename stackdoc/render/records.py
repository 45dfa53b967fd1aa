"""The pages of the records: each stays at its address for ever."""

from __future__ import annotations

from stackdoc.render.page import Assets, Page
from stackdoc.site import Site


def pages(site: Site, assets: Assets | None = None) -> tuple[Page, ...]:
    """For each record `r/<id>/index.html` (complete HTML) and `r/<id>.json .bib .ris .csl.json`; `r/index.json` lists all."""
    raise NotImplementedError
