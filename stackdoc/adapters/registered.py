"""The domains that the engine is delivered with. A project without a stack never imports the one of the stack."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from stackdoc.model.record import Record
from stackdoc.records.current import HERE
from stackdoc.site.site import Site, Subject
from stackdoc.site.site import load_site as load

if TYPE_CHECKING:
    from stackdoc.render.domain import Domain

STACK = ("docs/data/stack.yml", "docs/data/taxonomies")  # what makes a project one of the stack


def subject_of(root: Path) -> Subject:
    """The domain whose data the project has; an empty one where it has none's."""
    if not any((root / name).exists() for name in STACK):
        return Subject()
    return stack()


def stack() -> Domain:
    """The domain of layers: what taxonomies say, merged."""
    from stackdoc.stack.domain import STACK as DOMAIN

    return DOMAIN


def load_site(root: Path, default_machine: str = HERE, known: Mapping[str, Record] | None = None) -> Site:
    """The site of a project with its domain. Raises StackdocError with all problems of all files."""
    return load(root, default_machine, known, subject_of(root))
