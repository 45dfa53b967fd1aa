"""Registration of the domains: which one a project has, imported only if it has one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from stackdoc.errors import StackdocError
from stackdoc.plan.project import Project, read_project
from stackdoc.project import EXAMPLES, Layout
from stackdoc.reading.configuration import read_configuration
from stackdoc.records.current import HERE
from stackdoc.site.site import Site, Subject
from stackdoc.site.site import load_site as load


def layout_of(root: Path) -> Layout:
    """Return the layout of the project at `root`, as its mkdocs.yml configures it."""
    settings = read_configuration(root)
    return Layout(root, settings.docs or "docs", settings.prefix, settings.examples or EXAMPLES)


def subject_of(layout: Layout) -> Subject:
    """Return the domain whose data the project has, or an empty one."""
    data = (layout.collection("stack"), f"{layout.data}/taxonomies")
    return stack() if any((layout / path).exists() for path in data) else Subject()


def stack() -> Subject:
    """Return the domain of layers; on the base install, which can't render, only its data."""
    try:
        from stackdoc.stack.domain import STACK
    except ModuleNotFoundError as error:
        if (error.name or "stackdoc").startswith("stackdoc"):
            raise
        from stackdoc.stack.subject import SUBJECT

        return SUBJECT
    return STACK


def load_site(source: Project | Layout | Path, default_machine: str = HERE) -> Site:
    """Return the site of a project with its domain. Raises StackdocError with all problems."""
    layout_or_project = layout_of(source) if isinstance(source, Path) else source
    project = read_project(layout_or_project) if isinstance(layout_or_project, Layout) else layout_or_project
    return load(project, subject_of(project.layout), default_machine)


def priorities(project: Project) -> Mapping[str, int]:
    """Rank the examples to measure, 0 first; nothing is ranked while the domain's data have problems."""
    try:
        site = load_site(project)
    except StackdocError:
        return {}
    return site.subject.priorities(site)
