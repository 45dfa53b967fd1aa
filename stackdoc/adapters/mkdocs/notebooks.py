"""The examples' notebooks as HTML, by mkdocs-jupyter's converter, which runs nothing here.

The plugin mkdocs-jupyter takes no part: a project that uses it has set it up for its own notebooks.
"""

from __future__ import annotations

import json
import logging
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import BytecodeCache
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, InclusionLevel
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import get_toc

from stackdoc.adapters.mkdocs.templates import compiled_templates
from stackdoc.project import NOTEBOOK_PAGES
from stackdoc.render.cache import TextCache, digest, files_digest

CONVERTERS = ("mkdocs-jupyter", "nbconvert", "mistune", "pygments")
DEEPEST_HEADING = 6


class NotebookFile(File):
    """A page whose source is a notebook. Its Markdown is its title alone, so other plugins replace nothing in it."""

    notebook = ""

    def is_documentation_page(self) -> bool:
        return True


def notebook_file(
    path: str, title: str, notebook: str, config: MkDocsConfig, inclusion: InclusionLevel
) -> NotebookFile:
    """Return the file of a generated notebook page; without a file on disk, mkdocs-jupyter passes over it."""
    file = NotebookFile.generated(config, path, content=f"# {title}\n", inclusion=inclusion)
    assert isinstance(file, NotebookFile)
    file.notebook = notebook
    return file


@dataclass(frozen=True)
class Converted:
    """The HTML of a notebook, and its headings as Python-Markdown's `toc` has them."""

    html: str
    headings: list[dict[str, Any]]


class Notebooks:
    """Converts notebooks, and caches each by its content and the versions of the libraries that convert it."""

    def __init__(self, root: Path) -> None:
        made_by = digest(files_digest(Path(__file__)), *(f"{name} {version(name)}" for name in CONVERTERS))
        self.cache = TextCache(root, NOTEBOOK_PAGES, made_by)

    def converted(self, notebook: str) -> Converted:
        return Converted(*json.loads(self.cache.text(notebook, lambda: json.dumps(_convert(notebook)))))

    def renderer(self, page: Page, notebook: str) -> Callable[..., None]:
        """Return what MkDocs calls instead of rendering the page as Markdown."""

        def render(*_: object) -> None:
            result = self.converted(notebook)
            page.content, page.toc = result.html, get_toc(result.headings)  # type: ignore[arg-type]

        return render


def _convert(notebook: str) -> tuple[str, list[dict[str, Any]]]:
    from markdown import Markdown
    from markdown.extensions.toc import TocExtension
    from mkdocs_jupyter import convert

    _share_templates()
    with _quietly(), tempfile.TemporaryDirectory() as folder:  # the converter reads files only
        file = Path(folder) / "notebook.ipynb"
        file.write_text(notebook, "utf-8")
        html, text = convert.nb2html(str(file), theme="", custom_mathjax_url=""), convert.nb2md(str(file))
    reader = Markdown(extensions=[TocExtension(toc_depth=DEEPEST_HEADING)])
    reader.convert(text)
    return bare(html), reader.toc_tokens  # type: ignore[attr-defined]


def bare(html: str) -> str:
    """Remove what the template of a notebook adds: half a megabyte of styles, scripts from two other hosts."""
    start = html.find('<div class="jupyter-wrapper">')
    body = html[start:] if start >= 0 else html
    body = re.sub(r'<div class="zeroclipboard-container">.*?</clipboard-copy>\s*</div>', "", body, flags=re.DOTALL)
    body = re.sub(r'<div class="clipboard-copy-txt".*?</div>', "", body, flags=re.DOTALL)
    body = re.sub(r"<(script|style)\b.*?</\1>", "", body, flags=re.DOTALL | re.IGNORECASE)
    return body.replace("highlight-ipynb", "highlight").replace("<pre", '<pre tabindex="0"')


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep the converter from reporting the name of each temporary file."""
    log = logging.getLogger("mkdocs.mkdocs-jupyter")
    before = log.level
    log.setLevel(logging.WARNING)
    try:
        yield
    finally:
        log.setLevel(before)


@cache
def _templates() -> BytecodeCache | None:
    return compiled_templates(CONVERTERS)


def _share_templates() -> None:
    """Give all exporters of nbconvert one cache of templates; the converter makes two exporters for each notebook."""
    from nbconvert.exporters import templateexporter

    exporter_class: Any = templateexporter.TemplateExporter
    create = exporter_class._create_environment
    if create.__name__ == "create_sharing":
        return

    def create_sharing(exporter: Any) -> Any:
        environment = create(exporter)
        environment.bytecode_cache = _templates()
        return environment

    exporter_class._create_environment = create_sharing
