"""A quick look at whether a project can have anything of ours, which imports nothing that renders or measures."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from stackdoc.project import ENVIRONMENTS, Layout

ROLES = ("cite", "given", "math", "measured")  # those of any project
MENTION = re.compile(r"stackdoc|\{[a-z]+\}`")  # a page without it has no fence and no role
ANYWHERE = re.compile(rf"stackdoc|\{{(?:{'|'.join(ROLES)})\}}`")  # the same for a project without a domain


def has_nothing(layout: Layout, docs: Path) -> bool:
    """Whether the project has no data, records, examples or environments, and no page that mentions ours.

    `docs` is the directory of the pages. A page that can't be read counts as one that does, since it is reported later.
    """
    ours = (layout.data, layout.records, ENVIRONMENTS)
    if any((layout / path).exists() for path in ours) or any(_scripts(layout / layout.examples)):
        return False
    return not any(_mentions(path) for path in _files(docs, (".md",)))


def _scripts(folder: Path) -> Iterator[Path]:
    return _files(folder, (".py", ".ipynb"))


def _files(folder: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    for parent, _, names in os.walk(folder, followlinks=True):
        yield from (Path(parent, name) for name in names if name.endswith(suffixes))


def _mentions(path: Path) -> bool:
    try:
        return ANYWHERE.search(path.read_text("utf-8-sig")) is not None
    except (OSError, UnicodeDecodeError):
        return True
