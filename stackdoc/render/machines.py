"""The pages of the machines: what each is, what it reached, what was not measured there and why."""

from __future__ import annotations

from stackdoc.render.page import Assets, Page
from stackdoc.site import Site


def pages(site: Site, assets: Assets | None = None) -> tuple[Page, ...]:
    """`machines/index.md` and `machines/<id>.md` for each machine with a record."""
    raise NotImplementedError
