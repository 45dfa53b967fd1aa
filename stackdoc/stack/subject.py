"""The handbook's data and what can be said of it without rendering: the base install needs no more."""

from __future__ import annotations

from collections.abc import Iterable

from stackdoc.errors import Problem
from stackdoc.site.site import Site, Subject
from stackdoc.stack.handbook import Handbook, read_handbook
from stackdoc.stack.prose import linted
from stackdoc.stack.schema import KINDS
from stackdoc.stack.summary import summary
from stackdoc.stack.systems.read import old_statuses


def title(data: object) -> str:
    return data.stack.title if isinstance(data, Handbook) else ""


def warnings(site: Site) -> Iterable[Problem]:
    """Systems whose state nobody has looked at for a year, by the dates in the files."""
    return old_statuses(site.layout, site.newest)


SUBJECT = Subject(read_handbook, title, "the project", linted, warnings, summary, KINDS)
