"""Read the hand-written pages of systems and the pages that compare alternatives."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from stackdoc.errors import Problem, did_you_mean
from stackdoc.project import Layout
from stackdoc.reading.decode import SLUG, decode
from stackdoc.reading.strict_yaml import parse
from stackdoc.reading.text import heading, read_text
from stackdoc.stack.systems.alternatives import Alternatives

FRONT = re.compile(r"---\n(.*?\n)---\n", re.DOTALL)


@dataclass(frozen=True)
class Front:
    """The front matter of a comparison, without the day of its review, which any page may have."""

    systems: tuple[str, ...] = ()


def read_texts(layout: Layout, problems: list[Problem], systems: Collection[str]) -> frozenset[str]:
    """Return the ids of the systems with a hand-written page; report pages of unknown systems."""
    names = [file.stem for file in sorted((layout / f"{layout.own}/systems").glob("*.md"))]
    for name in names:
        if name not in systems:
            hint = did_you_mean(name, systems)
            problems.append(
                Problem(layout.text("systems", name), 0, "", f"is the page of an unknown system {name!r}", hint)
            )
    return frozenset(names)


def read_alternatives(layout: Layout, problems: list[Problem], systems: Collection[str]) -> dict[str, Alternatives]:
    """Return the comparisons by id; each needs at least two known systems."""
    pages = {}
    for file in sorted((layout / f"{layout.own}/alternatives").glob("*.md")):
        text = (
            read_text(layout.root, layout.text("alternatives", file.stem), problems) if file.stem != "index" else None
        )
        if text is not None:
            pages[file.stem] = _read(layout.text("alternatives", file.stem), file.stem, text, problems, systems)
    return pages


def _read(file: str, id: str, text: str, problems: list[Problem], systems: Collection[str]) -> Alternatives:
    front, title = FRONT.match(text), heading(text)
    if not SLUG.fullmatch(id):
        problems.append(
            Problem(file, 0, "", f"{id!r} is not a valid name for a page", "use lower-case letters, digits and hyphens")
        )
    if not title:
        problems.append(Problem(file, 1, "", "has no title", "write `# Vector search` above the text"))
    yaml_text = "\n" + re.sub(r"(?m)^reviewed:.*$", "", front[1]) if front else ""  # keeps the line numbers
    document = parse(file, yaml_text, problems) if yaml_text.strip() else None
    front_matter = decode(Front, document, problems) if document else Front()
    if front_matter is None:
        return Alternatives(id, title or id)
    if len(front_matter.systems) < 2:
        problems.append(Problem(file, 1, "systems", "names fewer than two systems", "write systems: [faiss, qdrant]"))
    for number, name in enumerate(front_matter.systems):
        if name not in systems and document:
            message = f"unknown system {name!r}"
            problems.append(document.problem(("systems", number), message, did_you_mean(name, systems)))
    return Alternatives(id, title or id, front_matter.systems)
