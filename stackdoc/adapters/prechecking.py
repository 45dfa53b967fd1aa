"""The pages checked before anything is measured and before the last build is cleared away."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from markdown import Markdown
from mkdocs.structure.files import File, set_exclusions
from pathspec.gitignore import GitIgnoreSpec

from stackdoc.adapters.markdown import StackdocExtension, blocks
from stackdoc.adapters.rendered import Rendered
from stackdoc.errors import Problem, StackdocError
from stackdoc.reading.configuration import read_configuration
from stackdoc.render.domain import domain
from stackdoc.render.fences.block import read_fence
from stackdoc.render.fences.fence import Fence
from stackdoc.site.site import Site


def check_pages(
    site: Site, docs: Path, rendered: Rendered | None = None, exclusions: Mapping[str, Any] | None = None
) -> bool:
    """Goes through every page; what was `rendered` on the way, the build of the same site need not render again.

    `exclusions` is MkDocs' configuration, which says what is not published; without it mkdocs.yml is asked. Gives
    whether a page has a fence or role.
    Raises one StackdocError with the problems of every fence, role and typed quantity, and of the numbers.
    """
    problems: list[Problem] = list(domain(site).problems(site))
    extension = StackdocExtension()
    extension.site, extension.problems, extension.rendered = site, problems, rendered or Rendered()
    extension.early = True
    if exclusions is None:
        exclusions = {"exclude_docs": GitIgnoreSpec.from_lines(read_configuration(site.root).unpublished)}
    for path in sorted(path for path in sources(docs, exclusions) if path.suffix == ".md"):
        extension.file = path.relative_to(site.root).as_posix() if path.is_relative_to(site.root) else path.name
        text = _text(path, extension.file, problems)
        problems.extend(site.subject.linted(extension.file, text))
        if "stackdoc" not in text and "}`" not in text:
            continue
        Markdown(extensions=["fenced_code", extension]).convert(text)
    if problems:
        raise StackdocError(problems)
    return extension.used


def fences(site: Site, docs: Path) -> Iterator[Fence]:
    """Every fence of the pages that are published, by path. Raises StackdocError for a faulty one."""
    exclusions = {"exclude_docs": GitIgnoreSpec.from_lines(read_configuration(site.root).unpublished)}
    for path in sorted(path for path in sources(docs, exclusions) if path.suffix == ".md"):
        file = path.relative_to(site.root).as_posix()
        for block in blocks(_text(path, file, []).replace("\r\n", "\n").split("\n")):
            yield read_fence(site, block.body, file, block.start + 2)


def _text(path: Path, file: str, problems: list[Problem]) -> str:
    """The page's text; empty after a problem."""
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
    """The files below `docs` that MkDocs would publish: none that `exclude_docs` or `draft_docs` names."""
    found = [
        File(os.path.relpath(Path(folder, name), docs), str(docs), "", True)
        for folder, _, names in os.walk(docs, followlinks=True)
        for name in names
    ]
    set_exclusions(found, exclusions)  # type: ignore[arg-type]
    return (docs / file.src_uri for file in found if file.inclusion.is_included())


def refuse_links_outside(root: Path, docs: Path, exclusions: Mapping[str, Any]) -> None:
    """A symbolic link that leads out of the repository would publish a file nobody meant to publish."""
    repository = next((place for place in (root, *root.parents) if (place / ".git").exists()), root).resolve()

    def is_inside(path: Path) -> bool:
        place = path.resolve()
        below = any(place.is_relative_to(folder) for folder in (docs.resolve(), repository))
        return below and not place.is_relative_to(repository / ".git")

    outside = [path for path in sources(docs, exclusions) if not is_inside(path)]
    links = {next(one for one in [*_between(docs, path), path] if not is_inside(one)) for path in outside}
    if links:
        message = f"a link that leads out of {repository.name}/ is not published"
        raise StackdocError(Problem(os.path.relpath(link, root), 0, "", message) for link in sorted(links))


def _between(docs: Path, path: Path) -> list[Path]:
    """The folders from `docs` down to the file."""
    return [folder for folder in reversed(path.parents) if folder.is_relative_to(docs)]
