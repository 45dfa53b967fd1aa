"""The file and line of an entry of the data, for problems that only the records reveal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackdoc.reading.collections import read_list
from stackdoc.reading.document import Document
from stackdoc.render.values.points import Location
from stackdoc.site.site import Site, cached


def entry_location(site: Site, name: str, entry: Any, *path: str) -> Location:
    """Return the line of one field of an entry of the list `name`, or the line on which the entry begins."""
    document = _entries(site, name, type(entry)).get(entry.id)
    return Location(document.file, document.line(path)) if document else Location(f"{site.layout.data}/{name}", 0)


@cached
def _entries(site: Site, name: str, kind: type[Any]) -> Mapping[str, Document]:
    return {value.id: document for document, value in read_list(site.layout, name, kind, []).entries}
