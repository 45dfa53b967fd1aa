"""Somebody else's project with one measured example, and builds of it in this process."""

from __future__ import annotations

import logging
import shutil
import warnings
from pathlib import Path

from mkdocs.commands.build import build
from mkdocs.config import load_config

from stackdoc.adapters.mkdocs.plugin import StackdocPlugin
from tests.made.built import Project

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
    heard: list[str] = []

    class Hearing(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(record.getMessage())

    handler = Hearing(logging.WARNING)
    log = logging.getLogger("mkdocs")
    log.addHandler(handler)
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
    return heard


def files_of(folder: Path) -> dict[str, bytes]:
    """Return every file below the folder by its path."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
