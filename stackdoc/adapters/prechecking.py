"""The check of the pages before anything is measured and before the last build is removed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Set
from pathlib import Path
from typing import Any

from markdown import Markdown
from mkdocs.structure.files import File, set_exclusions
from pathspec.gitignore import GitIgnoreSpec

from stackdoc.adapters.markdown import StackdocExtension, blocks, faulty_blocks
from stackdoc.adapters.rendered import Rendered
from stackdoc.errors import Problem, StackdocError
from stackdoc.reading.configuration import read_configuration
from stackdoc.render.domain import domain
from stackdoc.render.fences.block import read_fence
from stackdoc.render.fences.fence import Fence
from stackdoc.site.site import Site

LONG_RUN = "`" * 1000


def check_pages(
    site: Site,
    docs: Path,
    rendered: Rendered | None = None,
    exclusions: Mapping[str, Any] | None = None,
    roles: Set[str] | None = None,
) -> bool:
    """Check every page, and return whether one has a fence or a role of ours.

    What is `rendered` on the way is not rendered again by the build of the same site. `exclusions` is MkDocs'
    configuration, which says what is not published, and `roles` is the option of that name; without `exclusions`, both
    come from mkdocs.yml.
    Raises one StackdocError with the problems of every fence, role and typed quantity, and of the numbers.
    """
    problems: list[Problem] = list(domain(site).problems(site))
    extension = StackdocExtension()
    extension.site, extension.problems, extension.rendered = site, problems, rendered or Rendered()
    extension.early = True
    if exclusions is None:
        settings = read_configuration(site.root)
        exclusions, roles = {"exclude_docs": GitIgnoreSpec.from_lines(settings.unpublished)}, settings.roles
    extension.roles = roles
    for path in sorted(path for path in sources(docs, exclusions) if path.suffix == ".md"):
        merged = Path(site.layout.docs, path.relative_to(docs))  # where another plugin has put the pages together
        extension.file = (path.relative_to(site.root) if path.is_relative_to(site.root) else merged).as_posix()
        text = _text(path, extension.file, problems)
        problems.extend(site.subject.linted(extension.file, text))
        if "stackdoc" not in text and "}`" not in text:
            continue
        problems.extend(_unreadable(extension.file, text))
        if LONG_RUN not in text:
            try:
                Markdown(extensions=["fenced_code", extension]).convert(text)
            except RecursionError:
                problems.append(Problem(extension.file, 0, "", "lists or quotes are nested too deeply for Markdown"))
    if problems:
        raise StackdocError(problems)
    return extension.used


def _unreadable(file: str, text: str) -> Iterator[Problem]:
    """Yield the fences of ours that Markdown would not read as such, and runs of backticks that it hardly gets past."""
    lines = text.replace("\r\n", "\n").split("\n")
    for block in faulty_blocks(lines):
        yield Problem(file, block.start + 1, "", block.fault)
    for number, line in enumerate(lines, 1):
        if LONG_RUN in line:
            yield Problem(file, number, "", f"has {len(LONG_RUN)} backticks in a row or more")


def fences(site: Site, docs: Path) -> Iterator[Fence]:
    """Yield every fence of the published pages, by path. Raises StackdocError for an invalid one."""
    exclusions = {"exclude_docs": GitIgnoreSpec.from_lines(read_configuration(site.root).unpublished)}
    for path in sorted(path for path in sources(docs, exclusions) if path.suffix == ".md"):
        file = path.relative_to(site.root).as_posix()
        for block in blocks(_text(path, file, []).replace("\r\n", "\n").split("\n")):
            yield read_fence(site, block.body, file, block.start + 2)


def _text(path: Path, file: str, problems: list[Problem]) -> str:
    """Return the page's text, empty after a problem."""
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        problems.append(
            Problem(file, 0, "", f"byte 0x{error.object[error.start]:02x} is not UTF-8", "save it as UTF-8")
        )
    except OSError as error:
        problems.append(Problem(file, 0, "", f"can't be read: {error.strerror or error}"))
    return ""


def sources(docs: Path, exclusions: Mapping[str, Any]) -> Iterator[Path]:
    """Yield the files below `docs` that MkDocs would publish: none that `exclude_docs` or `draft_docs` names."""
    found = [
        File(os.path.relpath(Path(folder, name), docs), str(docs), "", True)
        for folder, _, names in os.walk(docs, followlinks=True)
        for name in names
    ]
    set_exclusions(found, exclusions)  # type: ignore[arg-type]
    return (docs / file.src_uri for file in found if file.inclusion.is_included())


def refuse_links_outside(root: Path, docs: Path, exclusions: Mapping[str, Any]) -> None:
    """Raise StackdocError for a symbolic link out of the repository: nobody meant to publish what it leads to.

    Without a repository, nothing outside of `root` counts as part of the project.
    """
    repository = next((place for place in (root, *root.parents) if (place / ".git").exists()), root).resolve()

    def is_inside(path: Path) -> bool:
        place = path.resolve()
        below = any(place.is_relative_to(folder) for folder in (docs.resolve(), repository))
        return below and not place.is_relative_to(repository / ".git")

    outside = [path for path in sources(docs, exclusions) if not is_inside(path)]
    links = {next(link for link in [*_between(docs, path), path] if not is_inside(link)) for path in outside}
    if links:
        message = f"is a link out of {repository.name}/, which is not published"
        raise StackdocError(Problem(os.path.relpath(link, root), 0, "", message) for link in sorted(links))


def _between(docs: Path, path: Path) -> list[Path]:
    """Return the directories from `docs` down to the file."""
    return [folder for folder in reversed(path.parents) if folder.is_relative_to(docs)]
