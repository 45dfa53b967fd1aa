"""What records, taxonomies and cited numbers of other people hold is text on every page, and does nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from stackdoc.examples.read import read_examples
from stackdoc.model.record import Output
from stackdoc.project import Layout
from stackdoc.records import store
from stackdoc.records.identity import with_id
from tests.browsing import serving
from tests.made import project as made_project
from tests.made import two_machines
from tests.made.built import Project
from tests.made.repository import ROOT

EVIL = 'E"><script>alert(1)</script><img src=x onerror=alert(2)></script><!--</title>&lt;b&gt; `{{ 7*7 }}` ' + "x" * 300
TURNED = f"{EVIL}\u202e"
MEANT = (
    "What heats?", "Fire.", "What holds?", "Iron.", "Fire\n", "Wood that burns.", "What a cook sees", "A cook\n",
    "It boils.", "Boiling point", "sea level", "A book", "Ladle", "A liquid dish.", "How long it boils",
    "A pot hangs over a fire.",
)  # fmt: skip

MKDOCS = """\
site_name: Kitchen
site_url: https://example.org/
theme: {name: material, custom_dir: !ENV THEME, font: false}
plugins:
  - search
  - stackdoc: {prefix: "", measure: never}
"""
PAGE = """\
# Boiling

It takes {measured}`pot/boiling boil n=1 time`: {verdict}`it-boils`, {fact}`boiling-point`, {cite}`pot/boiling`. Soup.

```stackdoc
example: pot/boiling
figure: timing
table: true
```

```stackdoc
machines:
```
"""


def hostile(text: str) -> str:
    """The files of the made-up project with every text that people wrote replaced."""
    for words in MEANT:
        ending = "\n" if words.endswith("\n") else ""
        quoted = json.dumps(f"{words.strip()} {EVIL}")
        text = re.sub(rf"(: |^# title = ){re.escape(f'{words.strip()}')}(?=[,}}\n]){ending}", rf"\1§{ending}", text)
        text = text.replace("§", quoted)
    return text


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(tmp_path_factory.mktemp("hostile") / "project")
    made_project.make_project(made.root)
    for path in made_project.FILES:
        if not path.endswith(".py"):
            made.write(path, hostile((made.root / path).read_text("utf-8")))
    made.change("examples/pot/boiling.py", '"How long it boils"', json.dumps(EVIL))
    made.change("examples/pot/boiling.py", "Boils water.", EVIL.replace('"', "'"))
    made.write("mkdocs.yml", MKDOCS)
    made.write("docs/index.md", PAGE)
    digest = read_examples(made.root, [])["pot/boiling"].digest
    point = replace(two_machines.timed("boil", 1e-3, n=1), label=TURNED)
    outputs = (
        Output(0, "text/html", EVIL),
        Output(1, "text/plain", TURNED),
        Output(1, "image/svg+xml", f"<svg>{EVIL}</svg>"),
    )
    record = two_machines.record(
        "", "pot/boiling", replace(two_machines.ZEN, cpu=TURNED, vendor=EVIL), (point,), digest=digest, outputs=outputs,
        software=replace(two_machines.SOFTWARE, system=EVIL, packages={"soup": TURNED}),
    )  # fmt: skip
    store.write(Layout(made.root), with_id(record))
    ended = made.run("mkdocs", "build", "--strict", THEME=str(ROOT / "stackdoc/adapters/theme"))
    assert ended.returncode == 0, ended.stderr
    return made


class Acting(HTMLParser):
    """Collects what could act although only the theme may: scripts, handlers, pictures of nowhere."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.script = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.script = tag if tag == "script" else ""
        self.found += [f"{tag} {name}" for name, _ in attrs if name.startswith("on")]
        self.found += [f"{tag} src=x" for name, said in attrs if (name, said) == ("src", "x")]

    def handle_endtag(self, tag: str) -> None:
        self.script = "" if tag == "script" else self.script

    def handle_data(self, data: str) -> None:
        if self.script and data.startswith("alert("):
            self.found.append(f"script {data[:20]}")


def pages(project: Project) -> Iterator[Path]:
    return iter(sorted(project.site.rglob("*.html")))


@pytest.mark.case(52)
def test_it_is_there_as_text_and_nothing_else(project: Project) -> None:
    shown = 0
    for page in pages(project):
        text = page.read_text("utf-8")
        parser = Acting()
        parser.feed(text)
        assert parser.found == [], page
        assert "\u202e" not in text, page
        assert "49" not in re.findall(r"`(\S*)`", text), page
        shown += "&lt;script&gt;alert(1)" in text
    assert shown >= 10


@pytest.mark.case(52)
def test_head_metadata_and_the_files_for_programs_hold_it_escaped(project: Project) -> None:
    for page in pages(project):
        head = page.read_text("utf-8").partition("</head>")[0]
        assert head.count("<title>") <= 1, page
        for block in re.findall(r'<script type="application/ld\+json">(.*?)</script>', head, re.DOTALL):
            json.loads(block)
    index = (project.site / "search/search_index.json").read_text("utf-8")
    assert "<script>alert" not in index
    assert "<img src=x" not in index
    for name in ("crosswalk.json", "records.json", "stack.jsonld"):
        json.loads((project.site / "data" / name).read_text("utf-8"))


@pytest.mark.case(52)
@pytest.mark.browser
def test_no_page_runs_it_or_is_broken_by_it(project: Project, browser: Browser) -> None:
    with serving(project.site) as address:
        page = browser.new_page(viewport={"width": 360, "height": 740})
        wrong: list[str] = []
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        page.on("dialog", lambda dialog: dialog.dismiss())
        page.on("request", lambda request: wrong.append(request.url) if not request.url.startswith(address) else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        for path in pages(project):
            page.goto(f"{address}{path.relative_to(project.site).as_posix()}", wait_until="load")
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert (wrong, wide <= 360) == ([], True), (path, wide)
            assert page.locator("h1").count() == 1, path
