"""What the handbook needs without rendering pages; the base install imports no more."""

from __future__ import annotations

from collections.abc import Iterable

from stackdoc.errors import Problem
from stackdoc.site.site import Site, Subject
from stackdoc.stack.handbook import KINDS, Handbook, read_handbook
from stackdoc.stack.prose import linted
from stackdoc.stack.summary import summary
from stackdoc.stack.systems.read import old_statuses


def title(data: object) -> str:
    return data.stack.title if isinstance(data, Handbook) else ""


def warnings(site: Site) -> Iterable[Problem]:
    """Return a warning for each system whose state was last checked more than a year ago, by the dates in the files."""
    return old_statuses(site.layout, site.newest)


SUBJECT = Subject(
    read=read_handbook,
    title=title,
    people="the project",
    linted=linted,
    warnings=warnings,
    summary=summary,
    kinds=KINDS,
)
