"""An example's page: its executed notebook."""

from __future__ import annotations

from stackdoc.render.page import Assets
from stackdoc.site import Site


def notebook(site: Site, example: str, assets: Assets | None = None) -> str:
    """The page of the example as nbformat 4 JSON, with the outputs of its newest record."""
    raise NotImplementedError
