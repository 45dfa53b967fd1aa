"""The fence `stackdoc`: a YAML mapping whose first key is the directive."""

from __future__ import annotations

from stackdoc.render.page import Assets
from stackdoc.site import Site


def fence(site: Site, body: str, file: str, line: int, assets: Assets | None = None) -> str:
    """The HTML for a fence whose body starts at `line` of `file`; files it links to go to `assets`.

    Raises StackdocError with file, line and the nearest known word for anything unknown.
    """
    raise NotImplementedError
