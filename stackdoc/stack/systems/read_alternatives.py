"""What is written by hand about systems: a text each, and the pages that compare some of them."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from stackdoc.errors import Problem, did_you_mean
from stackdoc.project import Layout
from stackdoc.reading.decode import SLUG, decode
from stackdoc.reading.strict_yaml import parse
from stackdoc.reading.text import read_text
from stackdoc.stack.systems.alternatives import Alternatives

FRONT = re.compile(r"---\n(.*?\n)---\n", re.DOTALL)
TITLE = re.compile(r"(?m)^# +(.+?)(?: *\{.*\})? *$")


@dataclass(frozen=True)
class Front:
    """The front matter of such a page, without the day of its review, which is that of any page."""

    systems: tuple[str, ...] = ()


def read_texts(layout: Layout, problems: list[Problem], systems: Collection[str]) -> frozenset[str]:
    """The systems that have a text, by id; a text is of a system that is known."""
    found = [file.stem for file in sorted((layout / f"{layout.docs}/systems").glob("*.md"))]
    for name in found:
        if name not in systems:
            hint = did_you_mean(name, systems)
            problems.append(
                Problem(layout.text("systems", name), 0, "", f"is the text of an unknown system {name!r}", hint)
            )
    return frozenset(found)


def read_alternatives(layout: Layout, problems: list[Problem], systems: Collection[str]) -> dict[str, Alternatives]:
    """The comparisons by id: at least two known systems each."""
    found = {}
    for file in sorted((layout / f"{layout.docs}/alternatives").glob("*.md")):
        text = (
            read_text(layout.root, layout.text("alternatives", file.stem), problems) if file.stem != "index" else None
        )
        if text is not None:
            found[file.stem] = _read(layout.text("alternatives", file.stem), file.stem, text, problems, systems)
    return found


def _read(file: str, id: str, text: str, problems: list[Problem], systems: Collection[str]) -> Alternatives:
    front, title = FRONT.match(text), TITLE.search(text)
    if not SLUG.fullmatch(id):
        problems.append(Problem(file, 0, "", f"{id!r} is no name for a page", "small letters, digits and hyphens"))
    if title is None:
        problems.append(Problem(file, 1, "", "has no title", "write `# Vector search` above the text"))
    written = "\n" + re.sub(r"(?m)^reviewed:.*$", "", front[1]) if front else ""  # below the ---, so that lines count
    document = parse(file, written, problems) if written.strip() else None
    named = decode(Front, document, problems) if document else Front()
    if named is None:
        return Alternatives(id, title[1] if title else id)
    if len(named.systems) < 2:
        problems.append(Problem(file, 1, "systems", "names fewer than two systems", "write systems: [faiss, qdrant]"))
    for number, one in enumerate(named.systems):
        if one not in systems and document:
            message = f"unknown system {one!r}"
            problems.append(document.problem(("systems", number), message, did_you_mean(one, systems)))
    return Alternatives(id, title[1] if title else id, named.systems)
