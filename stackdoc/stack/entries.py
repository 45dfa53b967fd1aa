"""Where an entry of a list of data stands in its files, for what is found wrong with it beside the records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackdoc.reading.collections import read_list
from stackdoc.reading.document import Document
from stackdoc.render.values.points import Location
from stackdoc.site.site import Site, once


def place_in(site: Site, name: str, entry: Any, *path: str) -> Location:
    """The line of one field of an entry of the list `name`, or that on which the entry begins."""
    found = _entries(site, name, type(entry)).get(entry.id)
    return Location(found.file, found.line(path)) if found else Location(f"{site.layout.data}/{name}", 0)


@once
def _entries(site: Site, name: str, kind: type[Any]) -> Mapping[str, Document]:
    return {one.id: entry for entry, one in read_list(site.layout, name, kind, []).entries}
