"""The Markdown extension without a host: in engines that run no plugins, and without MkDocs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from markdown import Markdown
from markdown.preprocessors import Preprocessor

from stackdoc.adapters.markdown import MARKED, MARKS, StackdocExtension
from stackdoc.project import Layout
from stackdoc.records.store import file_content
from tests.made.project import EXAMPLE
from tests.made.records import made_record
from tests.made.repository import ROOT

PAGE = (
    "# A\n\n```stackdoc\nexample: pot/boiling\n```\n\nIt takes {measured}`pot/boiling library n=512 mode=eager time`.\n"
)
HEAVY = (
    "mkdocs",
    "material",
    "mkdocs_jupyter",
    "nbformat",
    "nbconvert",
    "rdflib",
    "jinja2",
    "pint",
    "IPython",
    "scipy",
)
WITHOUT = f"""
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {HEAVY!r}:
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Missing())
from markdown import markdown
print(markdown(sys.stdin.read(), extensions=["stackdoc"], extension_configs={{"stackdoc": {{"root": sys.argv[1]}}}}))
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project without a stack, with a record of its one example."""
    script = tmp_path / "examples/pot/boiling.py"
    script.parent.mkdir(parents=True)
    script.write_text(EXAMPLE.replace("import helper\n", "").replace("helper.boil()", "print()"), "utf-8")
    (tmp_path / "mkdocs.yml").write_text("site_name: A\nplugins: [stackdoc]\n", "utf-8")
    record = made_record(example="pot/boiling")
    place = tmp_path / Layout(tmp_path, prefix="stackdoc/").records / record.machine.id / "pot/boiling"
    place.mkdir(parents=True)
    (place / f"{record.id}.json").write_bytes(file_content(record))
    return tmp_path


class Context(Preprocessor):
    """What Zensical tells extensions of the page."""

    def __init__(self, md: Markdown, path: str, url: str) -> None:
        super().__init__(md)
        self.page = type("Page", (), {"path": path, "url": url})

    def run(self, lines: list[str]) -> list[str]:
        return lines


def converted(text: str, url: str = "", **options: object) -> str:
    extension = StackdocExtension(**options)
    reader = Markdown(extensions=[extension, "tables", "toc"])
    if url:
        reader.preprocessors.register(Context(reader, f"{url.strip('/')}.md", url), "context", 0)
    return reader.convert(text)


def test_it_needs_neither_mkdocs_nor_what_only_other_parts_need(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, str(root)], input=PAGE, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("data-record=") >= 2


def test_without_generated_pages_nothing_links_to_one(root: Path) -> None:
    html = converted(PAGE, "guide/a/", root=str(root))
    assert "data-record=" in html
    assert 'href="/' not in html
    assert "<!--sd-page" not in html


def test_in_a_stage_links_are_relative_to_the_file_of_the_page_and_its_content_is_marked(root: Path) -> None:
    text = PAGE.replace("# A", "# A *title*\n\n## More")
    html = converted(text, "guide/a/", root=str(root), staged=True)
    assert re.search(r'href="\.\./stackdoc/r/[0-9a-f]+/', html)
    assert MARKED.fullmatch(html)
    assert html.count(MARKS[0]) == 1  # not in the titles that the table of contents is made of


def test_a_fault_names_the_page_that_the_engine_gives(root: Path) -> None:
    with pytest.raises(Exception, match=re.escape("docs/guide/a.md:4: unknown example 'pot/boilin'")):
        converted(PAGE.replace("pot/boiling\n", "pot/boilin\n", 1), "guide/a/", root=str(root))


def test_a_fault_is_at_its_line_of_the_file_below_the_front_matter(root: Path) -> None:
    text = PAGE.replace("pot/boiling\n", "pot/boilin\n", 1)
    (root / "docs/guide").mkdir(parents=True)
    (root / "docs/guide/a.md").write_text(f"---\ntitle: A\n---\n\n{text}", "utf-8")
    with pytest.raises(Exception, match=re.escape("docs/guide/a.md:8: unknown example 'pot/boilin'")):
        converted(text, "guide/a/", root=str(root))
