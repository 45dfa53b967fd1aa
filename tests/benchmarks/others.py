"""The same small project for each tool that runs examples, and for plain MkDocs, which runs none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

SAME = ("mkdocs", "mkdocs-material", "mkdocs-jupyter")  # in the versions that stackdoc runs with
OTHERS = ("markdown-exec", "mkdocs-gallery", "sphinx-gallery", "myst-nb", "zensical")
PACKAGES = (*OTHERS, "matplotlib", "ipykernel", "myst-parser", "sphinx-autobuild")
VERSIONS = (*SAME, *OTHERS)
FIRST = "The first page."  # a sentence of it, which edits change
WORK = "total = sum(range(100_000))\nprint(total, {number})\n"
WORDS = "\n\n".join(["A paragraph of text that says little, with *emphasis* and a [link](index.md). " * 5] * 8)
CONFIGURATION = """\
site_name: Others
site_url: ''
theme: {name: material, font: false}
markdown_extensions:
  - tables
  - pymdownx.superfences
  - pymdownx.details
  - attr_list
  - md_in_html
plugins:
  - search
"""
OURS = """\
# /// script
# dependencies = ["stackdoc"]
# [tool.stackdoc]
# layer = "kernels"
# title = "Example {number}"
# ///
\"\"\"Adds numbers up.\"\"\"
from stackdoc import example
total = sum(range(100_000))
example().report("total", float(total + {number}))
"""


@dataclass(frozen=True)
class Tool:
    """A tool: what writes its project, its commands, and the source of its first page. `{port}` is the server's."""

    write: Callable[[Path, int], None]
    build: tuple[str, ...] = ("mkdocs", "build", "--quiet")
    serve: tuple[str, ...] = ("mkdocs", "serve", "--quiet", "--livereload", "--dev-addr", "127.0.0.1:{port}")
    page: str = "docs/index.md"


@dataclass(frozen=True)
class Ran:
    """What a finished process cost, with its children: processor seconds, seconds, and the bytes it held at most."""

    cpu: float
    wall: float
    peak_bytes: int
    output: str


def run(root: Path, *command: str | Path, **environment: str) -> Ran:
    """Runs the command in `root` and waits for it. Raises AssertionError with its output when it fails."""
    surroundings = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONDONTWRITEBYTECODE": "", **environment}
    with tempfile.TemporaryFile() as log:
        began = time.monotonic()
        process = subprocess.Popen([*map(str, command)], cwd=root, env=surroundings, stdout=log, stderr=log)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        log.seek(0)
        output = log.read().decode(errors="replace")
    assert process.returncode == 0, output
    return Ran(used.ru_utime + used.ru_stime, wall, used.ru_maxrss * 1024, output)


def environment(place: Path) -> Path:
    """Make a virtual environment that has the others and nothing of ours; return the directory of its programs."""
    place.mkdir(parents=True)
    run(place, sys.executable, "-m", "venv", place / "venv")
    same = [f"{name}=={version(name)}" for name in SAME]
    pip = (place / "venv/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(place, *pip, *same, *PACKAGES)
    return place / "venv/bin"


def versions(programs: Path) -> dict[str, str]:
    code = f"import json, importlib.metadata as m; print(json.dumps({{name: m.version(name) for name in {VERSIONS}}}))"
    found = subprocess.run([str(programs / "python"), "-c", code], capture_output=True, text=True, check=True)
    return {**json.loads(found.stdout), "stackdoc": version("stackdoc")}


def bare(root: Path, examples: int) -> None:
    """Plain MkDocs: the code stands in the page and is not run."""
    _common(root, examples, lambda number: f"```python\n{WORK.format(number=number)}```")


def markdown_exec(root: Path, examples: int) -> None:
    def fence(number: int) -> str:
        return f'```python exec="on" source="above"\n{WORK.format(number=number)}```'

    _common(root, examples, fence, "  - markdown-exec\n")


def mkdocs_jupyter(root: Path, examples: int) -> None:
    """A notebook for each page, run at every build."""
    _common(root, 0, str, '  - mkdocs-jupyter: {include: ["*.ipynb"], execute: true}\n')
    _notebooks(root, examples)


def _notebooks(root: Path, examples: int) -> None:
    for number in range(examples):
        cells = [_cell("markdown", f"# Page {number}\n\n{WORDS}"), _cell("code", WORK.format(number=number))]
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        notebook = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
        _write(root / f"docs/page{number}.ipynb", json.dumps(notebook))


def mkdocs_gallery(root: Path, examples: int) -> None:
    plugin = "  - gallery: {examples_dirs: docs/examples, gallery_dirs: docs/gallery, filename_pattern: .*}\n"
    _common(root, 0, str, f"{plugin}nav: [index.md, gallery]\n")
    _write(root / "docs/examples/README.md", "# Examples\n")
    words = WORDS.replace("[link](index.md)", "link")
    for number in range(examples):
        text = f'"""\n# Page {number}\n\n{words}\n"""\n\n{WORK.format(number=number)}'
        _write(root / f"docs/examples/page{number}.py", text)


def stackdoc(root: Path, examples: int) -> None:
    """Each example is a script with a page of its own besides; it is run six times, in processes of its own."""
    _common(root, examples, lambda number: f"```stackdoc\nexample: kernels/page{number}\n```", "  - stackdoc\n")
    for number in range(examples):
        _write(root / f"examples/kernels/page{number}.py", OURS.format(number=number))


def same_pages(root: Path, ours: Path) -> int:
    """Write the pages that stackdoc makes of `ours`, as Markdown, for plain MkDocs; return how many there are."""
    run(ours, Path(sys.executable).with_name("stackdoc"), "stage", root, STACKDOC_MEASURE="never")
    _write(root / "mkdocs.yml", CONFIGURATION)
    return sum(1 for _ in (root / "docs").rglob("*.md"))


def sphinx_gallery(root: Path, examples: int) -> None:
    """A script for each page, run when it has changed."""
    settings = (
        "sphinx_gallery_conf = {'examples_dirs': 'examples', 'gallery_dirs': 'gallery', 'filename_pattern': '.*'}"
    )
    _sphinx(root, f"extensions = ['sphinx_gallery.gen_gallery', 'myst_parser']\n{settings}\n", "gallery/index")
    _write(root / "docs/examples/README.rst", "Examples\n========\n")
    words = WORDS.replace("[link](index.md)", "link")
    for number in range(examples):
        text = f'"""\nPage {number}\n=========\n\n{words}\n"""\n\n{WORK.format(number=number)}'
        _write(root / f"docs/examples/page{number}.py", text)


def myst_nb(root: Path, examples: int) -> None:
    """A notebook for each page, run when its code has changed."""
    _sphinx(root, "extensions = ['myst_nb']\nnb_execution_mode = 'cache'\n", "page*")
    _notebooks(root, examples)


TOOLS: dict[str, Tool] = {
    "mkdocs": Tool(bare),
    "mkdocs-jupyter": Tool(mkdocs_jupyter),
    "markdown-exec": Tool(markdown_exec),
    "mkdocs-gallery": Tool(mkdocs_gallery),
    "sphinx-gallery": Tool(
        sphinx_gallery,
        ("sphinx-build", "-q", "docs", "site"),
        ("sphinx-autobuild", "--port", "{port}", "docs", "site"),
    ),
    "myst-nb": Tool(
        myst_nb,
        ("sphinx-build", "-q", "docs", "site"),
        ("sphinx-autobuild", "--port", "{port}", "docs", "site"),
    ),
    "zensical": Tool(bare, ("zensical", "build"), ("zensical", "serve", "--dev-addr", "127.0.0.1:{port}")),
    "stackdoc": Tool(stackdoc),
}


def _common(root: Path, pages: int, code: Callable[[int], str], plugin: str = "") -> None:
    _write(root / "mkdocs.yml", CONFIGURATION + plugin)
    _write(root / "docs/index.md", f"# Others\n\n{FIRST}\n")
    for number in range(pages):
        _write(root / f"docs/page{number}.md", f"# Page {number}\n\n{code(number)}\n\n{WORDS}\n")


def _sphinx(root: Path, configuration: str, pages: str) -> None:
    _write(root / "docs/conf.py", f"project = 'Others'\nexclude_patterns = ['examples']\n{configuration}")
    _write(root / "docs/index.md", f"# Others\n\n{FIRST}\n\n```{{toctree}}\n:glob:\n\n{pages}\n```\n")


def _cell(kind: str, source: str) -> dict[str, object]:
    code: dict[str, object] = {"outputs": [], "execution_count": None} if kind == "code" else {}
    return {"cell_type": kind, "id": kind, "metadata": {}, "source": source, **code}


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
