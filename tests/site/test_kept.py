"""What a build keeps for the next never makes a stale page: after any change it gives what a build without it gives."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from stackdoc.adapters import rendered
from stackdoc.examples.read import read_examples
from stackdoc.project import Layout
from stackdoc.records import store
from stackdoc.records.identity import with_id
from tests.made import project as made_project
from tests.made import two_machines
from tests.made.built import KEPT, Project
from tests.made.once import Once
from tests.made.repository import ROOT
from tests.made.site_files import contents
from tests.made.theirs import build_report

THEME = ROOT / "stackdoc/adapters/theme"
SETTINGS = f"""\
site_name: Kitchen
site_url: https://example.org/
theme: {{name: material, custom_dir: {THEME}, font: false}}
markdown_extensions: [abbr, attr_list, {{toc: {{permalink: true}}}}]
extra_css: [extra.css]
plugins:
  - search
  - stackdoc: {{prefix: "", measure: never}}
"""
PAGES = {
    "docs/index.md": """\
# Boiling

It takes {measured}`pot/boiling boil n=1 time`: {verdict}`it-boils`, {fact}`boiling-point`, {cite}`pot`. Soup.

```stackdoc
example: pot/boiling
figure: timing
table: true
```
""",
    "docs/more.md": "# More\n\nOf [boiling](index.md#boiling), see [the pot](layers/pot.md#a-part).\n\n## Machines\n\n"
    "```stackdoc\nmachines:\n```\n",
    "docs/plain.md": "# Plain\n\nText with [a link](more.md).\n",
    "docs/layers/pot.md": "---\nreviewed: 2026-11-01\n---\n# Pot\n\nIron.\n\n## A part\n\nText.\n",
    "docs/extra.css": "p {}\n",
}


def record_of(root: Path, seconds: float, day: str = "2026-11-22") -> None:
    """Write a record of the example as it is now."""
    digest = read_examples(root, [])["pot/boiling"].digest
    points = (two_machines.timed("boil", seconds, n=1),)
    record = two_machines.record("", "pot/boiling", two_machines.ZEN, points, digest=digest)
    store.write(Layout(root), with_id(replace(record, measured_at=f"{day}T00:00:00Z")))


@pytest.fixture(scope="module")
def kitchen(once: Once) -> Project:
    """A small handbook in our theme, built; nobody may change it."""

    def build(place: Path) -> None:
        made_project.make_project(place)
        project = Project(place)
        for path, text in {"mkdocs.yml": SETTINGS, **PAGES}.items():
            project.write(path, text)
        record_of(place, 1e-3)
        assert build_report(project).warnings == []

    return Project(once.made("kitchen", build))


@pytest.fixture
def copy(kitchen: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    project = Project(tmp_path / "project")
    shutil.copytree(kitchen.root, project.root)
    return project


def withdraw(made: Project) -> None:
    record = next((made.root / "docs/records").rglob("*.json")).stem
    made.write("docs/data/withdrawn.yml", f'- {{record: {record}, date: "2026-11-23", reason: It was wrong.}}\n')


Change = Callable[[Project], object]
CHANGES: dict[str, tuple[Change, int]] = {  # and how many pages are converted then; -1: any number
    "nothing": (lambda _: None, 0),
    "a sentence": (lambda made: made.change("docs/plain.md", "Text", "Words"), 1),
    "a sentence with words to link": (lambda made: made.change("docs/plain.md", "Text", "Soup"), 1),
    "a layer's text, which is cited": (lambda made: made.change("docs/layers/pot.md", "Iron.", "Steel."), 2),
    "a title": (lambda made: made.change("docs/plain.md", "# Plain", "# Simple"), 1),
    "metadata": (lambda made: made.change("docs/plain.md", "# Plain", "---\nicon: material/pot\n---\n# Plain"), 1),
    "an anchor that is linked": (lambda made: made.change("docs/layers/pot.md", "## A part", "## A bit"), 2),
    "a new page": (lambda made: made.write("docs/new.md", "# New\n\nSoup.\n"), 1),
    "a removed page": (lambda made: (made.root / "docs/plain.md").unlink(), 0),
    "a moved target": (lambda made: (made.root / "docs/more.md").rename(made.root / "docs/most.md"), 2),
    "a record": (lambda made: record_of(made.root, 2e-3, "2026-11-23"), -1),
    "an example": (lambda made: made.change("examples/pot/boiling.py", "Boils water.", "Boils milk."), -1),
    "an imported file": (lambda made: made.write("examples/pot/helper.py", "def boil() -> None:\n    pass\n"), -1),
    "a fence": (lambda made: made.change("docs/more.md", "machines:", "code: pot/boiling"), 1),
    "the glossary": (lambda made: made.change("docs/data/glossary.yml", "A liquid dish.", "Water and more."), -1),
    "a word of the glossary": (lambda made: made.change("docs/data/glossary.yml", "term: soup", "term: link"), -1),
    "a claim": (lambda made: made.change("docs/data/claims.yml", "It boils.", "It boils soon."), -1),
    "a fact": (lambda made: made.change("docs/data/facts.yml", '"100"', '"99"'), -1),
    "a taxonomy": (lambda made: made.change("docs/data/taxonomies/cook.yml", "name: Vessel", "name: Bowl"), -1),
    "a withdrawal": (withdraw, -1),
    "the name of the site": (lambda made: made.change("mkdocs.yml", "Kitchen", "Cook"), -1),
    "its address": (lambda made: made.change("mkdocs.yml", "example.org", "example.com"), -1),
    "a setting of the theme": (lambda made: made.change("mkdocs.yml", "font: false", "font: false, language: de"), 0),
    "the navigation": (lambda made: made.write("mkdocs.yml", f"{SETTINGS}nav: [index.md, more.md]\n"), 0),
    "an option of an extension": (lambda made: made.change("mkdocs.yml", "permalink: true", "permalink: false"), -1),
    "another extension": (lambda made: made.change("mkdocs.yml", "[abbr", "[abbr, sane_lists"), -1),
    "another style sheet": (lambda made: made.change("mkdocs.yml", "[extra.css]", "[extra.css, b.css]"), 0),
    "a style sheet": (lambda made: made.write("docs/extra.css", "p { color: red }\n"), 0),
    "other addresses": (lambda made: made.write("mkdocs.yml", f"{SETTINGS}use_directory_urls: false\n"), -1),
    "an option of the search": (lambda made: made.change("mkdocs.yml", "- search", "- search: {separator: ' '}"), 0),
    "a redirect": (lambda made: made.write("docs/data/redirects.yml", "- {old: /a/, new: /claims/}\n"), -1),
    "the figures": (lambda made: shutil.rmtree(made.root / ".stackdoc/figures"), 0),
    "the conversions": (lambda made: shutil.rmtree(made.root / ".stackdoc/conversions"), -1),
    "the outputs": (lambda made: shutil.rmtree(made.root / ".stackdoc/outputs"), 0),
    "what was rendered": (lambda made: shutil.rmtree(made.root / ".stackdoc/rendered"), 0),
}


def without_kept(project: Project) -> dict[str, bytes]:
    """The site as a build without anything kept makes it."""
    for folder in KEPT:
        shutil.rmtree(project.root / ".stackdoc" / folder, ignore_errors=True)
    build_report(project)
    return contents(project.site)


@pytest.mark.parametrize(("change", "converted"), CHANGES.values(), ids=CHANGES)
def test_a_changed_project_is_built_as_if_nothing_were_kept(copy: Project, change: Change, converted: int) -> None:
    change(copy)
    warm = build_report(copy)
    built = contents(copy.site)
    again = build_report(copy)
    assert again.converted == again.laid_out == 0 or again.warnings
    assert contents(copy.site) == built
    assert without_kept(copy) == built
    if converted >= 0:
        assert warm.converted == converted


def test_a_link_to_an_anchor_that_is_gone_is_reported_though_its_page_is_not_converted(copy: Project) -> None:
    copy.write("mkdocs.yml", f"{SETTINGS}validation: {{anchors: warn}}\n")
    assert build_report(copy).warnings == []
    copy.change("docs/layers/pot.md", "## A part", "## A bit")
    for _ in range(2):
        assert [message for message in build_report(copy).warnings if "#a-part" in message]


def test_a_link_to_nothing_is_reported_by_every_build(copy: Project) -> None:
    copy.change("docs/plain.md", "more.md", "gone.md")
    for _ in range(2):
        assert [message for message in build_report(copy).warnings if "gone.md" in message]


def test_another_version_of_a_package_uses_nothing_of_it(copy: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.metadata.version
    monkeypatch.setattr(rendered, "version", lambda name: "0" if name == "mkdocs-material" else real(name))
    rendered.code_digest.cache_clear()
    try:
        report = build_report(copy)
    finally:
        rendered.code_digest.cache_clear()
    assert report.converted == report.laid_out - 1 == report.pages - 1  # the page of the example is a notebook


@pytest.mark.parametrize("damage", ["", "cut", "foreign"])
def test_a_damaged_file_is_made_again(copy: Project, damage: str) -> None:
    expected = contents(copy.site)
    for folder in KEPT:
        for path in [path for path in (copy.root / ".stackdoc" / folder).rglob("*") if path.is_file()]:
            text = path.read_bytes()
            path.write_bytes({"": b"", "cut": text[: len(text) // 2], "foreign": b"0" * 32 + b"\n[]"}[damage])
    assert build_report(copy).warnings == []
    assert contents(copy.site) == expected


def test_a_page_whose_output_vanishes_during_the_build_is_laid_out_then(
    copy: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stackdoc.adapters.mkdocs.outputs import Outputs

    expected, prepare = contents(copy.site), Outputs.prepare

    def prepare_and_lose(outputs: Outputs, *arguments: object) -> None:
        prepare(outputs, *arguments)  # type: ignore[arg-type]
        shutil.rmtree(copy.root / ".stackdoc/outputs")

    monkeypatch.setattr(Outputs, "prepare", prepare_and_lose)
    assert build_report(copy).warnings == []
    assert contents(copy.site) == expected


HOOK = "def on_page_markdown(markdown, page, config, files):\n    return markdown.replace('Text', '%s')\n"


def test_a_plugin_that_changes_pages_has_its_way(copy: Project) -> None:
    for word in ("Words", "Phrases"):
        copy.write("mkdocs.yml", f"{SETTINGS}hooks: [{word}.py]\n")
        copy.write(f"{word}.py", HOOK % word)
        build_report(copy)
        assert re.search(f"{word} with", (copy.site / "plain/index.html").read_text("utf-8"))


# A build that ends without a word before the given change of a file, a directory or a database.
KILLED = """
import os, signal, sys

left, root = int(sys.argv.pop(1)), os.getcwd()
changes = 0

def watch(event, arguments):
    global changes
    if event == "open" and not (isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")):
        return
    if event in ("open", "os.rename", "os.remove", "os.mkdir", "os.utime", "shutil.rmtree", "sqlite3.connect"):
        changes += str(arguments[0]).startswith(root)
        if changes == left:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
sys.argv = ["stackdoc", "build", "--measure", "never"]
from stackdoc.adapters.cli.main import main
try:
    main()
finally:
    print("changes:", changes)
"""
MOMENTS = 5


def killed(project: Project, moment: int) -> subprocess.CompletedProcess[str]:
    return project.run("python", "-c", KILLED, str(moment))


def test_a_build_killed_at_any_moment_leaves_a_site_and_a_cache_that_the_next_one_can_use(
    copy: Project, tmp_path: Path
) -> None:
    record_of(copy.root, 2e-3, "2026-11-23")  # so that everything is rendered again
    before = contents(copy.site)
    shutil.copytree(copy.root, (other := Project(tmp_path / "other")).root)
    ended = killed(other, 0)
    total = int(ended.stdout.rpartition("changes:")[2])
    assert total > 10 * MOMENTS, ended.stderr
    expected = contents(other.site)
    assert expected != before
    for moment in [1, *range(total // MOMENTS, total, total // MOMENTS), total - 2, total - 1, total]:
        shutil.rmtree(other.root)
        shutil.copytree(copy.root, other.root)
        assert killed(other, moment).returncode == -signal.SIGKILL
        assert contents(other.site) in (before, expected), moment
        again = other.run("stackdoc", "build", "--measure", "never")
        assert again.returncode == 0, again.stderr
        assert contents(other.site) == expected, moment
        assert not list(other.root.glob("site.*"))


def test_two_builds_at_once_make_the_same_site(copy: Project) -> None:
    command = [str(Path(sys.executable).with_name("stackdoc")), "build", "--measure", "never"]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    expected = contents(copy.site)
    for lost in (("site", ".stackdoc"), ("site",), (".stackdoc",), ()):
        for folder in lost:
            shutil.rmtree(copy.root / folder)
        builds = [
            subprocess.Popen(command, cwd=copy.root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            for _ in range(2)
        ]
        for build in builds:
            output, _ = build.communicate(timeout=120)
            assert build.returncode == 0, output.decode()
        assert contents(copy.site) == expected, lost
        assert not list(copy.root.glob("site.*"))
