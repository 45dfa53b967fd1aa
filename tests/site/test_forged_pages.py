"""Records forged in ten ways change no figure and no verdict that a reader sees on the built pages."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from mkdocs.exceptions import Abort
from playwright.sync_api import Browser

from stackdoc.records.current import CONTRIBUTED
from tests.browsing import serving
from tests.made.built import Project
from tests.made.commands import call
from tests.made.forgeries import FORGERIES, TIME, make_kitchen
from tests.made.once import Once
from tests.made.theirs import built_here

SETTINGS = """
site_name: A kitchen
site_author: The cooks
theme: {name: material, font: false}
plugins: [stackdoc: {prefix: ""}]
markdown_extensions: [attr_list, md_in_html, tables]
"""
HOME = """# A kitchen

It boils in {measured}`pot/boiling boil time`.

```stackdoc
example: pot/boiling
```
"""
SHOWN = """() => [...document.querySelectorAll('article data[data-record], article [data-verdict]')]
  .filter((one) => one.checkVisibility())
  .map((one) => ({
    what: one.dataset.quantity ?? 'verdict', machine: one.dataset.machine ?? '', record: one.dataset.record ?? '',
    text: one.dataset.verdict ? `${one.dataset.verdict}: ${one.querySelector('.sd-verdict').textContent}`
      : one.textContent.trim(), around: one.closest('tr, li, p, figure, section, article').innerText}))"""
Shown = list[dict[str, str]]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def made_once(once: Once) -> Project:
    """The project, built; nobody may change it."""

    def make(place: Path) -> None:
        project = Project(place / "project")
        ours = make_kitchen(project.root)
        project.write("mkdocs.yml", SETTINGS)
        project.write("docs/index.md", HOME)
        project.write("cited.md", f"It takes {TIME} (record {ours.id}, SHA-256 {ours.sha256}).\n")
        assert built_here(project) == []

    return Project(once.made("forged", make) / "project")


def shown(project: Project, browser: Browser) -> Mapping[str, Shown]:
    """Every figure and verdict that a reader sees, by the page."""
    pages = (path for path in sorted(project.site.rglob("*.html")) if "data-record" in path.read_text("utf-8"))
    with serving(project.site) as address, browser.new_context() as context:
        page = context.new_page()
        seen: dict[str, Shown] = {}
        for path in pages:
            name = path.relative_to(project.site).as_posix()
            page.goto(f"{address}{name}")
            seen[name] = page.evaluate(SHOWN)
        return seen


@pytest.fixture(scope="module")
def before(made_once: Project, browser: Browser) -> Mapping[str, Shown]:
    return shown(made_once, browser)


@pytest.mark.case(67)
@pytest.mark.parametrize("forge", FORGERIES)
def test_what_a_reader_sees_stays(
    made_once: Project, before: Mapping[str, Shown], tmp_path: Path, browser: Browser, forge: Callable[[Path], None]
) -> None:
    assert TIME in str(before["index.html"])
    assert any(entry["what"] == "verdict" for entries in before.values() for entry in entries)
    project = Project(tmp_path / "project")
    shutil.copytree(made_once.root, project.root)
    verified = call(project.root, "verify", str(project.root / "cited.md")).output
    assert "1 cited, 1 valid" in verified
    forge(project.root)
    try:
        built_here(project)
        refused = False
    except Abort:
        refused = True
    after = shown(project, browser)
    for name, entries in before.items():
        own = [entry for entry in after[name] if not entry["machine"].endswith(CONTRIBUTED)]
        assert [values(entry) for entry in own] == [values(entry) for entry in entries], name
    for entries in after.values():
        for entry in entries:
            assert not entry["machine"].endswith(CONTRIBUTED) or "unverified" in entry["around"], entry
    again = call(project.root, "verify", str(project.root / "cited.md"))
    assert again.output == verified or (refused and again.exit_code == 1)


def values(entry: dict[str, str]) -> tuple[str, ...]:
    return tuple(entry[name] for name in ("what", "machine", "record", "text"))
