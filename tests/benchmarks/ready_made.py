"""The pages of a project as somebody would write them who has no stackdoc and pastes in what it renders."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import yaml
from mkdocs.utils.yaml import yaml_load

from stackdoc.adapters.markdown import blocks
from stackdoc.adapters.registered import load_site
from stackdoc.errors import StackdocError
from stackdoc.render.fences.block import fence
from stackdoc.render.fences.roles import WRITERS, role
from stackdoc.render.html.page import Assets
from stackdoc.render.pages import all as all_pages
from stackdoc.render.pages import example as example_page
from stackdoc.site.first_machine import first_machine
from stackdoc.site.site import Site
from stackdoc.stack.roles import ROLES

ROLE = re.compile(rf"\{{({'|'.join((*WRITERS, *ROLES))})\}}`([^`]+)`(?!`)")
OURS = ("nav", "validation", "site_dir", "hooks")  # what names pages that only our plugin lists, or places


def paste(root: Path, ours: Path, built: Path) -> int:
    """Writes to `root` the same pages and notebooks, and the other files that `built` holds; gives how many pages."""
    site = load_site(ours)
    site = replace(site, default_machine=first_machine(site))
    docs = root / "docs"
    shutil.copytree(ours / "docs", docs, ignore=shutil.ignore_patterns("records"))
    assets = Assets()
    for page in sorted(docs.rglob("*.md")):
        file = f"docs/{page.relative_to(docs).as_posix()}"
        page.write_text(pasted(site, page.read_text("utf-8"), assets, file), "utf-8")
    existing = {path.relative_to(docs).as_posix() for path in docs.rglob("*")}
    for made in all_pages.generated(site, existing, assets):
        (docs / made.path).parent.mkdir(parents=True, exist_ok=True)
        text = made.text
        if made.kind == "notebook":
            id = made.path.removeprefix("examples/").removesuffix(".ipynb")
            text = example_page.notebook(site, id, example_page.head(site, id, assets))
        (docs / made.path).write_text(text, "utf-8")
    for folder in ("r", "assets/stackdoc", "assets/figures"):
        if (built / folder).is_dir():
            shutil.copytree(built / folder, docs / folder)
    (root / "mkdocs.yml").write_text(configuration((ours / "mkdocs.yml").read_text("utf-8")), "utf-8")
    return sum(path.suffix in (".md", ".ipynb") for path in docs.rglob("*"))


def pasted(site: Site, text: str, assets: Assets, file: str) -> str:
    """The page in that file with the HTML of each fence and role in its place."""
    lines = text.splitlines()
    for block in reversed(list(blocks(lines))):
        html = fence(site, block.body, file, block.start + 2, assets)
        lines[block.start : block.end + 1] = ["", block.indent + html, ""]

    def number(found: re.Match[str]) -> str:
        try:
            line = found.string.count("\n", 0, found.start()) + 1  # at least that in the file, as fences became longer
            return role(site, found[1], " ".join(found[2].split()), file, line)
        except StackdocError:  # quoted, to show how it is written
            return found[0]

    return ROLE.sub(number, "\n".join(lines) + "\n")


def configuration(text: str) -> str:
    """The same site without our plugin; the theme's own templates."""
    kept = yaml_load(text)
    kept = {key: value for key, value in kept.items() if key not in OURS}
    kept["plugins"] = [plugin for plugin in kept["plugins"] if "stackdoc" not in plugin]
    kept["plugins"].append({"mkdocs-jupyter": {"include": ["*.ipynb"], "ignore": ["*.md"], "execute": False}})
    kept["site_url"] = ""
    kept["theme"].pop("custom_dir", None)
    written: str = yaml.safe_dump(kept)
    return written
