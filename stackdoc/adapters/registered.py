"""The domains that the engine is delivered with. A project without a stack never imports the one of the stack."""

from __future__ import annotations

from pathlib import Path

from stackdoc.plan.project import Project, read_project
from stackdoc.project import Layout
from stackdoc.reading.configuration import read_configuration
from stackdoc.records.current import HERE
from stackdoc.site.site import Site, Subject
from stackdoc.site.site import load_site as load


def layout_of(root: Path) -> Layout:
    """Where the files of the project at `root` lie, as its mkdocs.yml says."""
    return Layout(root, read_configuration(root).docs or "docs")


def subject_of(layout: Layout) -> Subject:
    """The domain whose data the project has; an empty one where it has none's."""
    made_of = (layout.collection("stack"), f"{layout.data}/taxonomies")
    return stack() if any((layout / path).exists() for path in made_of) else Subject()


def stack() -> Subject:
    """The domain of layers: what taxonomies say, merged. On the base install, which renders nothing, its data alone."""
    try:
        from stackdoc.stack.domain import STACK
    except ModuleNotFoundError as error:
        if (error.name or "stackdoc").startswith("stackdoc"):
            raise
        from stackdoc.stack.subject import SUBJECT

        return SUBJECT
    return STACK


def load_site(of: Project | Layout | Path, default_machine: str = HERE) -> Site:
    """The site of a project, or of the one that lies there, with its domain. Raises StackdocError with all problems."""
    at = layout_of(of) if isinstance(of, Path) else of
    project = read_project(at) if isinstance(at, Layout) else at
    return load(project, subject_of(project.layout), default_machine)
