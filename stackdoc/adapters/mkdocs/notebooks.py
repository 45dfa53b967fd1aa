"""mkdocs-jupyter, which renders the examples' pages and runs nothing, set up where the project has not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from mkdocs.config.defaults import MkDocsConfig

from stackdoc.project import NOTEBOOK_PAGES
from stackdoc.render.cache import digest

OPTIONS = {"ignore": ["*.md"], "execute": False, "cache": True, "include_source": False}


class Compiled(BytecodeCache):
    """Templates compiled once for a process; nbconvert compiles all of its own for every notebook."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


def add_notebooks(config: MkDocsConfig, root: Path, examples: Iterable[str]) -> None:
    """Sets it up to keep what it rendered, by content, in a directory of its own; what is not its goes from there.

    Where the project has not asked for it, it gets the pages of the `examples` alone, no notebook of the project.

    Its digest leaves out the libraries that rendered it, so each version of theirs has another directory.
    """
    if "mkdocs-jupyter" not in config.plugins:
        from mkdocs_jupyter.plugin import Plugin

        plugin = Plugin()
        plugin.load_config({**OPTIONS, "include": [f"examples/{id}.ipynb" for id in examples]}, config.config_file_path)
        config.plugins["mkdocs-jupyter"] = plugin
    compile_once()
    kept = root / NOTEBOOK_PAGES
    by = digest(*(f"{name} {version(name)}" for name in ("mkdocs-jupyter", "nbconvert", "mistune", "pygments")))
    config.plugins["mkdocs-jupyter"].config["cache_dir"] = str(kept / by)
    for old in set(kept.glob("*/")) - {kept / by}:
        shutil.rmtree(old, ignore_errors=True)
    for page in (kept / by).glob("*.json"):
        if not is_whole(page):
            page.unlink()


def compile_once() -> None:
    """Gives the exporters that mkdocs-jupyter makes, a pair for each notebook, one cache of templates."""
    from nbconvert.exporters import templateexporter

    of_exporters: Any = templateexporter.TemplateExporter
    create = of_exporters._create_environment
    if create.__name__ == "sharing":
        return

    def sharing(exporter: Any) -> Any:
        environment = create(exporter)
        environment.bytecode_cache = COMPILED
        return environment

    of_exporters._create_environment = sharing


def is_whole(page: Path) -> bool:
    """False for what an interrupted build left; mkdocs-jupyter would stumble over it at every build."""
    try:
        return "content" in json.loads(page.read_text("utf-8"))
    except ValueError:
        return False
