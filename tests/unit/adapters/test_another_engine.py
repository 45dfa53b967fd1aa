"""A site engine without MkDocs is one adapter: this one has the length of a screen and a site of every kind of page."""

from __future__ import annotations

import ast
import re
from functools import partial
from pathlib import Path

from markdown import Markdown

from stackdoc import adapters
from stackdoc.adapters import contents, finish
from stackdoc.adapters.markdown import StackdocExtension
from stackdoc.adapters.registered import load_site
from stackdoc.adapters.rendered import Rendered
from tests.made.project import make_project


def build(root: Path, out: Path) -> None:
    """Convert the pages below `docs/` by Python-Markdown alone, and write them and all that is generated to `out`."""
    site, rendered = load_site(root), Rendered()
    rendered.write = lambda path, content: contents.write(out / path, content)
    target = finish.Destination(rendered.write)
    written = {
        path.relative_to(root / "docs").as_posix(): path.read_text("utf-8") for path in root.glob("docs/**/*.md")
    }
    generated = contents.generated_pages(site, sorted(written), rendered)
    for source, text in {**{page.path: page.text for page in generated}, **written}.items():
        if not source.endswith(".md"):
            continue
        place = re.sub(r"(^|/)index$", r"\1", source.removesuffix(".md"))
        url = f"{place}/" if place and not place.endswith("/") else place
        extension = StackdocExtension()
        extension.site, extension.file, extension.rendered = site, f"docs/{source}", rendered
        extension.fitted = partial(finish.fitted, url=url, target=target)
        html = Markdown(extensions=["tables", "md_in_html", extension]).convert(text.split("---\n", 2)[-1])
        ours = source not in written
        article = finish.Article(source, url, f"{url}index.html", source, generated=ours, shows=extension.used)
        contents.write(out / url / "index.html", finish.finished(html, article, site, rendered, target))
    for path, content in contents.styles_and_scripts().items():
        contents.write(out / path, content)
    contents.write_records(site, rendered, out, target.addresses)
    contents.write_exports(site, rendered)


def test_an_engine_of_one_file_has_every_page_and_file(tmp_path: Path) -> None:
    root, out = make_project(tmp_path / "in"), tmp_path / "out"
    (root / "docs/index.md").write_text("# Home\n\n```stackdoc\ncrosswalk:\n```\n", "utf-8")
    build(root, out)
    files = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert {
        *("index.html", "index.md", "claims/index.html", "crosswalk/index.html", "examples/index.html"),
        *("assets/stackdoc/stackdoc.css", "assets/stackdoc/stackdoc.js", "data/records.json", "r/index.json"),
    } <= files
    home = (out / "index.html").read_text("utf-8")
    assert "<table" in home
    assert "```" not in home
    assert not re.search(r'href="/[^/]', home)  # every address is relative to its page


def test_what_every_engine_calls_imports_none() -> None:
    neutral = ("addresses", "contents", "deferred", "finish", "markdown", "registered", "rendered")
    imports = [
        ast.unparse(node)
        for name in neutral
        for node in ast.walk(ast.parse(Path(adapters.__path__[0], f"{name}.py").read_text("utf-8")))
        if isinstance(node, ast.ImportFrom | ast.Import)
    ]
    assert [statement for statement in imports if "mkdocs" in statement or "material" in statement] == []
