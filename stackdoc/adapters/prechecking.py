"""The check of the pages before anything is measured and before the last build is removed."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path
from typing import Any

from markdown import Markdown
from mkdocs.structure.files import File, set_exclusions
from pathspec.gitignore import GitIgnoreSpec

from stackdoc.adapters.markdown import StackdocExtension, blocks, faulty_blocks
from stackdoc.adapters.presence import MENTION
from stackdoc.adapters.rendered import Rendered
from stackdoc.errors import Problem, StackdocError
from stackdoc.reading.configuration import read_configuration
from stackdoc.render.domain import domain
from stackdoc.render.fences.block import read_fence
from stackdoc.render.fences.fence import Fence
from stackdoc.site.site import Site

LONG_RUN = "`" * 1000
MOST_OPEN = 1000  # brackets


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
    if exclusions is None:
        settings = read_configuration(site.root)
        exclusions, roles = {"exclude_docs": GitIgnoreSpec.from_lines(settings.unpublished)}, settings.roles
    paths = sorted(path for path in sources(docs, exclusions) if path.suffix == ".md")
    return check_texts(site, docs, paths, rendered or Rendered(), roles, domain(site).problems(site))


def check_texts(
    site: Site,
    docs: Path,
    paths: Iterable[Path],
    rendered: Rendered,
    roles: Set[str] | None,
    known: Iterable[Problem] = (),
) -> bool:
    """Check these pages of `docs`, and return whether one uses ours; `known` problems are reported too."""
    problems: list[Problem] = list(known)
    extension = StackdocExtension()
    extension.site, extension.problems, extension.rendered = site, problems, rendered
    extension.early, extension.roles = True, roles
    used = False
    for path in paths:
        merged = Path(site.layout.docs, path.relative_to(docs))  # where another plugin has put the pages together
        extension.file = (path.relative_to(site.root) if path.is_relative_to(site.root) else merged).as_posix()
        text = _text(path, extension.file, problems)
        problems.extend(site.subject.linted(extension.file, text))
        if slow := list(_slow(extension.file, text)):
            problems += [*slow, *_unreadable(extension.file, text)]
        elif MENTION.search(text):
            used |= _uses_ours(extension, text, problems)
    if problems:
        raise StackdocError(problems)
    return used


def _uses_ours(extension: StackdocExtension, text: str, problems: list[Problem]) -> bool:
    """Whether the page has a fence or a role of ours.

    What a page without problems has is cached for the same site; fences that depend on more are asked again.
    """
    cache, roles = extension.rendered.cache, None if extension.roles is None else sorted(extension.roles)
    request = "\n".join(["checked", extension.file, repr(roles), text])
    if cache and (stored := cache.get(request)) is not None:
        used, unsure = json.loads(stored)
        for body, line in unsure:
            try:
                extension.fence(body, extension.file, line)
            except StackdocError as error:
                problems.extend(error.problems)
        return bool(used)
    faults, extension.used, extension.answers = len(problems), False, []
    problems.extend(_unreadable(extension.file, text))
    try:
        Markdown(extensions=["fenced_code", extension]).convert(text)
    except RecursionError:
        problems.append(Problem(extension.file, 0, "", "lists or quotes are nested too deeply for Markdown"))
    if cache and len(problems) == faults:
        fences = [(answer.text, answer.line) for answer in extension.answers if answer.kind == "fence"]
        unsure = [fence for fence in fences if not extension.is_cached(fence[0])]
        cache.put(request, json.dumps([extension.used, unsure]))
    return extension.used


def _unreadable(file: str, text: str) -> Iterator[Problem]:
    """Yield the fences of ours that Markdown would not read as such."""
    for block in faulty_blocks(text.replace("\r\n", "\n").split("\n")):
        yield Problem(file, block.start + 1, "", block.fault)


def _slow(file: str, text: str) -> Iterator[Problem]:
    """Yield what takes Markdown a time that grows with the square of the length: minutes for a page."""
    number = 1
    for paragraph in re.split(r"(\n\s*\n)", text):
        if LONG_RUN in paragraph:
            line = number + paragraph.count("\n", 0, paragraph.index(LONG_RUN))
            yield Problem(file, line, "", f"has {len(LONG_RUN)} backticks in a row or more")
        if _open_brackets(paragraph) > MOST_OPEN:
            yield Problem(file, number, "", f"has a paragraph with more than {MOST_OPEN} `[` that nothing closes")
        number += paragraph.count("\n")


def _open_brackets(paragraph: str) -> int:
    """Return how many brackets no later one closes."""
    opened = 0
    for bracket in re.findall(r"[\[\]]", paragraph) if paragraph.count("[") > MOST_OPEN else ():
        opened = opened + 1 if bracket == "[" else max(opened - 1, 0)
    return opened


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
