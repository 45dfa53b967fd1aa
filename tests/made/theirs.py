"""Somebody else's project with one measured example, and builds of it in this process."""

from __future__ import annotations

import logging
import re
import shutil
import warnings
from dataclasses import dataclass
from pathlib import Path

from mkdocs.commands.build import build
from mkdocs.config import load_config

from stackdoc.adapters.mkdocs.plugin import StackdocPlugin
from tests.made.built import Project

COUNTS = r"of (\d+) pages, (\d+) converted, (\d+) laid out"
SHOWN = """# Shown

```stackdoc
example: sorting/merge
```

Sorting takes {measured}`sorting/merge sorted n=1000 time`, see [the example](stackdoc/examples/sorting/merge.ipynb).
"""
PLAIN = """# Plain

Inline `code`, a [link](/pricing/), {cite}`smith2020`, {fact}`b` and {abc}`d`.

| A | B |
|---|---|
| 1 | 2 |

```python
print("theirs")
```
"""


def write_theirs(built: Project, project: Project, settings: str) -> None:
    """Write a copy of the example and its record, a page that shows it, and one that does not."""
    shutil.copytree(built.root / "examples", project.root / "examples")
    shutil.copytree(built.root / ".stackdoc", project.root / ".stackdoc")
    shutil.copytree(built.root / "docs/records", project.root / "docs/stackdoc/records")
    project.write("docs/index.md", PLAIN)
    project.write("docs/shown.md", SHOWN)
    project.write("mkdocs.yml", f"site_name: Theirs\n{settings}")


def built_here(project: Project, configuration: str = "mkdocs.yml", site: str = "site") -> list[str]:
    """Build the project in this process; return the warnings. An error ends the build, as it does with MkDocs."""
    heard = heard_in(project, configuration, site)
    return [text for level, text in heard if level >= logging.WARNING]


def heard_in(project: Project, configuration: str = "mkdocs.yml", site: str = "site") -> list[tuple[int, str]]:
    """Build the project in this process without measuring; return what was logged, each with its level."""
    heard: list[tuple[int, str]] = []

    class Hearing(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append((record.levelno, record.getMessage()))

    log, handler = logging.getLogger("mkdocs"), Hearing(logging.INFO)
    before = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the libraries that convert notebooks
            config = load_config(str(project.root / configuration), site_dir=str(project.root / site))
            if isinstance(ours := config.plugins.get("stackdoc"), StackdocPlugin):
                ours.mode = "never"
            config.plugins.on_startup(command="build", dirty=False)
            build(config)
            config.plugins.on_shutdown()
    finally:
        log.removeHandler(handler)
        log.setLevel(before)
    return heard


def files_of(folder: Path) -> dict[str, bytes]:
    """Return every file below the folder by its path."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@dataclass(frozen=True)
class Report:
    """What a build of a project reported, and how many pages it has, converted and laid out."""

    warnings: list[str]
    pages: int
    converted: int
    laid_out: int


def build_report(project: Project) -> Report:
    """Build the project in this process, without measuring."""
    heard = heard_in(project)
    counts = next(match for line in heard if (match := re.fullmatch(COUNTS, line[1])))
    return Report([text for level, text in heard if level >= logging.WARNING], *map(int, counts.groups()))
