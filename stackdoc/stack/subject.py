"""What the handbook needs without rendering pages; the base install imports no more."""

from __future__ import annotations

from collections.abc import Iterable

from stackdoc.errors import Problem
from stackdoc.site.site import Site, Subject
from stackdoc.stack.handbook import KINDS, Handbook, handbook, read_handbook
from stackdoc.stack.layers.read import rulings_to_review
from stackdoc.stack.priorities import priorities
from stackdoc.stack.prose import linted
from stackdoc.stack.summary import summary
from stackdoc.stack.systems.read import old_statuses


def title(data: object) -> str:
    return data.stack.title if isinstance(data, Handbook) else ""


def warnings(site: Site) -> Iterable[Problem]:
    """Return a warning for each outdated state of a system, by the dates in the files, and each ruling to review."""
    return [*old_statuses(site.layout, site.newest), *rulings_to_review(handbook(site).stack)]


SUBJECT = Subject(
    read=read_handbook,
    title=title,
    people="the project",
    linted=linted,
    warnings=warnings,
    summary=summary,
    kinds=KINDS,
    priorities=priorities,
)
