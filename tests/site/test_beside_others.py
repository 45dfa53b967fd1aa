"""Somebody else's site with an example: only what shows it changes; other plugins, layouts and data keep working."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from click.testing import CliRunner
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import Files

from stackdoc.adapters.cli.main import main
from tests.made.built import Project
from tests.made.site_files import broken
from tests.made.theirs import SHOWN, built_here, files_of, write_theirs

OURS = "plugins: [search, stackdoc]\n"
MATERIAL = "theme: {name: material, font: false}\n"
MERGE = "stackdoc/examples/sorting/merge/index.html"


TOUR = {
    "cells": [{"cell_type": "markdown", "metadata": {}, "source": ["# A tour"], "id": "a"}],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


@pytest.fixture
def theirs(built_once: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Their project, with the theme that MkDocs has by default, built on one day."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    project = Project(tmp_path / "mein projekt ü (1)")
    write_theirs(built_once, project, OURS)
    return project


def html(project: Project, path: str) -> str:
    return (project.site / path).read_text("utf-8")


def configure(project: Project, settings: str) -> None:
    project.write("mkdocs.yml", f"site_name: Theirs\n{settings}")


def indexed(files: dict[str, bytes]) -> list[dict[str, str]]:
    """The search's entries of their pages that show nothing of ours."""
    found: list[dict[str, str]] = json.loads(files["search/search_index.json"])["docs"]
    return [entry for entry in found if not entry["location"].startswith(("stackdoc/", "shown/"))]


def mapped(files: dict[str, bytes]) -> set[str]:
    """The entries of the site's map of their pages that show nothing of ours."""
    return {
        url
        for url in re.findall("<url>.*?</url>", files["sitemap.xml"].decode(), re.DOTALL)
        if not re.search("/stackdoc/|/shown/", url)
    }


@pytest.mark.parametrize("theme", ["", MATERIAL])
@pytest.mark.parametrize("nav", ["", "nav: [index.md, shown.md]\n"])
def test_only_the_pages_that_show_something_change(theirs: Project, theme: str, nav: str) -> None:
    settings = f"strict: true\nsite_url: https://example.org/a/\n{theme}{nav}validation: {{omitted_files: warn}}\n"
    theirs.write("plain.yml", f"site_name: Theirs\n{settings.replace('strict: true', '')}plugins: [search]\n")
    configure(theirs, settings + OURS)
    assert built_here(theirs) == []
    built_here(theirs, "plain.yml", "plain")
    before, after = files_of(theirs.root / "plain"), files_of(theirs.site)
    changed = {path for path in before if after.get(path) != before[path]}
    assert changed == {"shown/index.html", "search/search_index.json", "sitemap.xml", "sitemap.xml.gz"}
    assert {path for path in after.keys() - before.keys() if not path.startswith("stackdoc/")} == {"shown/index.md"}
    assert indexed(before) == indexed(after)
    assert mapped(before) == mapped(after)
    assert html(theirs, "shown/index.html").count("stackdoc/assets/stackdoc/stackdoc.css") == 1
    assert "{cite}<code>smith2020</code>, {fact}<code>b</code> and {abc}<code>d</code>" in html(theirs, "index.html")
    assert not [link for link in broken(theirs.site, served=True) if not link.endswith(": /pricing/")]


SEEN = """
import json
from mkdocs.structure.files import InclusionLevel

def on_nav(nav, config, files):
    pages = {file.src_uri: [file.generated_by, file.inclusion.name] for file in files.documentation_pages()}
    open(config.config_file_path + ".json", "w").write(json.dumps(pages))
    return nav
"""


def test_generated_pages_say_so_and_are_in_a_navigation_that_names_them(theirs: Project) -> None:
    theirs.write("seen.py", SEEN)
    configure(theirs, f"nav: [index.md, {{Measured: [stackdoc/examples/*]}}]\nhooks: [seen.py]\n{OURS}")
    assert built_here(theirs) == []
    pages = json.loads((theirs.root / "mkdocs.yml.json").read_text("utf-8"))
    assert {path for path, (by, _) in pages.items() if by == "stackdoc"} >= {
        "stackdoc/examples/index.md",
        "stackdoc/examples/sorting/merge.ipynb",
        "stackdoc/machines/index.md",
    }
    assert all((by == "stackdoc") == path.startswith("stackdoc/") for path, (by, _) in pages.items())
    assert {inclusion for by, inclusion in pages.values() if by} == {"NOT_IN_NAV"}
    assert 'href="stackdoc/examples/sorting/merge/"' in html(theirs, "index.html")
    assert "stackdoc/machines" not in html(theirs, "index.html")
    configure(theirs, "plugins: [search, {stackdoc: {in_nav: true}}]\n")
    assert built_here(theirs) == []
    assert 'href="stackdoc/machines/"' in html(theirs, "index.html")


@pytest.mark.parametrize("options", ["{include: ['tutorials/*.ipynb']}", "{execute: true, allow_errors: false}"])
@pytest.mark.parametrize(
    "plugins", ["[search, {mkdocs-jupyter: OPTIONS}, stackdoc]", "[stackdoc, {mkdocs-jupyter: OPTIONS}]"]
)
def test_a_notebook_of_theirs_is_rendered_by_their_settings_and_ours_is_not_run(
    theirs: Project, options: str, plugins: str
) -> None:
    if "include" in options:  # the other options would start a kernel for it, and for ours
        theirs.write("docs/tutorials/tour.ipynb", json.dumps(TOUR))
    configure(theirs, f"plugins: {plugins.replace('OPTIONS', options)}\n")
    assert built_here(theirs) == []
    if "include" in options:
        assert "A tour" in html(theirs, "tutorials/tour/index.html")
    page = html(theirs, MERGE)
    assert page.count("<h1") == 1
    assert "Sorting numbers" in page
    assert "ex.sweep" in re.sub("<[^>]*>", "", page)
    assert json.loads(html(theirs, "stackdoc/examples/sorting/merge.ipynb"))["nbformat"] == 4


class Translating(BasePlugin):  # type: ignore[type-arg]
    """What the plugin i18n does with files: it fails for a page outside of `docs_dir`, and makes the others anew."""

    @event_priority(-100)
    def on_files(self, files: Files, config: MkDocsConfig) -> Files:
        for file in files:
            Path(file.abs_src_path).is_relative_to(config.docs_dir)  # type: ignore[arg-type]
        return Files(list(files))


class Listing(BasePlugin):  # type: ignore[type-arg]
    """What the plugins redirects and literate-nav do with files: they look for those that mkdocs.yml names."""

    found = ""

    def on_files(self, files: Files, config: MkDocsConfig) -> Files:
        del config
        Listing.found = " ".join(file.src_uri for file in files.documentation_pages())
        return files


def install(plugin: type, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let mkdocs.yml name the plugin."""
    entry = EntryPoint(name=name, value=f"{__name__}:{plugin.__name__}", group="mkdocs.plugins")
    installed = dict(MkDocsConfig._schema)["plugins"].installed_plugins  # type: ignore[attr-defined]
    monkeypatch.setitem(installed, name, entry)


@pytest.mark.parametrize("plugins", ["[listing, stackdoc]", "[stackdoc, listing]"])
def test_a_plugin_that_looks_for_pages_finds_ours(
    theirs: Project, monkeypatch: pytest.MonkeyPatch, plugins: str
) -> None:
    install(Listing, "listing", monkeypatch)
    configure(theirs, f"plugins: {plugins}\n")
    assert built_here(theirs) == []
    assert {"shown.md", "stackdoc/examples/sorting/merge.ipynb", "stackdoc/machines/index.md"} <= {
        *Listing.found.split()
    }


def test_a_plugin_that_expects_all_pages_on_disk_comes_before_ours(
    theirs: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(Translating, "i18n", monkeypatch)
    configure(theirs, "plugins: [search, i18n, stackdoc]\n")
    assert built_here(theirs) == []
    assert "Sorting numbers" in html(theirs, MERGE)


NESTED = """# Nested

--8<-- "bench.md"

=== "Table"

    ```stackdoc
    example: sorting/merge
    ```

!!! note "Costs"
    - in a list:

        ```stackdoc
        code: sorting/merge
        ```

    It takes {measured}`sorting/merge sorted n=100 time`.

??? tip "How this was written"
    ````markdown
    ```stackdoc
    example: no/such-thing
    ```
    ````

<!--
```stackdoc
example: sorting/abandoned
```
-->
"""
EXTENSIONS = """markdown_extensions:
- admonition
- pymdownx.details
- pymdownx.superfences
- pymdownx.tabbed: {alternate_style: true}
- pymdownx.snippets: {base_path: [SNIPPETS]}
"""


def test_a_fence_is_rendered_in_tabs_lists_and_snippets_and_left_alone_where_it_is_quoted(theirs: Project) -> None:
    theirs.write("snippets/bench.md", "Snippet: {measured}`sorting/merge sorted n=1000 time`.\n")
    theirs.write("docs/nested.md", NESTED)
    configure(theirs, EXTENSIONS.replace("SNIPPETS", json.dumps(str(theirs.root / "snippets"))) + OURS)
    assert built_here(theirs) == []
    page = html(theirs, "nested/index.html")
    assert [page.count(f'class="{name}') for name in ("sd-measurements", "sd-code-listing")] == [1, 1]
    assert "Snippet: <" in page
    assert "no/such-thing" in page
    assert "{measured}" not in page


def test_without_directories_every_link_leads_to_a_file(theirs: Project) -> None:
    theirs.write("docs/deep/one.md", SHOWN.replace("](stackdoc", "](../stackdoc"))
    configure(theirs, f"site_url: https://example.org/a/\nuse_directory_urls: false\n{OURS}")
    assert built_here(theirs) == []
    assert not [link for link in broken(theirs.site, served=False) if not link.endswith(": /pricing/")]


def test_data_and_pages_that_only_sound_like_ours_are_theirs(theirs: Project) -> None:
    theirs.write("docs/data/facts.yml", "theirs: true\n")
    theirs.write("docs/data/redirects.yml", "theirs: true\n")
    theirs.write("docs/data/stack.yml", "- theirs\n")
    theirs.write("docs/records/2024.json", "[]\n")
    theirs.write("docs/records/notes.txt", "theirs\n")
    for path in ("examples.md", "machines.md", "systems/index.md", "r/index.md", "sorting/merge.md"):
        theirs.write(f"docs/{path}", "# Theirs\n")
    assert built_here(theirs) == []
    for path in ("examples", "machines", "systems", "r", "sorting/merge"):
        assert "Theirs" in html(theirs, f"{path}/index.html")
        assert "sd-" not in html(theirs, f"{path}/index.html")
    assert (theirs.site / "records/2024.json").read_text("utf-8") == "[]\n"
    assert not (theirs.site / "layers").exists()
    assert "layers/" not in html(theirs, MERGE)


@pytest.mark.parametrize(
    ("path", "ours"),
    [
        ("stackdoc/machines.md", "stackdoc/machines/index.md"),
        ("stackdoc/examples/sorting/merge/index.md", "stackdoc/examples/sorting/merge.ipynb"),
        ("stackdoc/r/index.json", "stackdoc/r/index.json"),
    ],
)
def test_two_files_with_one_address_are_an_error_that_names_both(
    theirs: Project, path: str, ours: str, caplog: pytest.LogCaptureFixture
) -> None:
    theirs.write(f"docs/{path}", "# Theirs\n")
    with pytest.raises(Abort):
        built_here(theirs)
    assert re.search(rf"docs/{path}: has the address .* of the generated page {ours};", caplog.text)


@pytest.mark.parametrize(("roles", "taken"), [("[measured]", False), ("[measured, cite]", True)])
def test_the_option_names_the_roles_that_are_ours(theirs: Project, roles: str, taken: bool) -> None:
    theirs.write("docs/index.md", "A {cite}`sorting/merge` and {given}`10 ms`.\n")
    configure(theirs, f"plugins: [search, {{stackdoc: {{roles: {roles}}}}}]\n")
    assert built_here(theirs) == []
    assert ("sd-cite" in html(theirs, "index.html")) == taken
    assert "{given}<code>10 ms</code>" in html(theirs, "index.html")


def test_without_an_address_no_citation_has_one(theirs: Project) -> None:
    configure(theirs, "plugins: [search, {stackdoc: {author: A. Author, license: MIT}}]\n")
    built_here(theirs)
    (record,) = (path.stem for path in (theirs.root / "docs/stackdoc/records").rglob("*.json"))
    for suffix in ("bib", "ris", "csl.json"):
        text = html(theirs, f"stackdoc/r/{record}.{suffix}")
        assert "A. Author" in text
        assert "/r/" not in text
    assert "licence MIT" in html(theirs, f"stackdoc/r/{record}.bib")
    for page in (f"{MERGE.removesuffix('.html')}.md", MERGE):
        rooted = re.findall(r"(?<![.\w/])/[\w/]*r/(?=[0-9a-f]{12})", re.sub("<[^>]*>", "", html(theirs, page)))
        assert set(rooted) == {"/stackdoc/r/"}, page
    assert 'data-words="Shown. As of' in html(theirs, "shown/index.html")


def test_a_checkout_that_can_only_be_read_builds_what_is_recorded(theirs: Project) -> None:
    ledger = theirs.root / ".stackdoc"
    ledger.rename(theirs.root / "aside")
    ledger.write_text("not a directory, so that nothing can be written below it", "utf-8")
    assert built_here(theirs) == []
    assert "data-record=" in html(theirs, "shown/index.html")


@pytest.mark.parametrize("place", [".", "handbook/src", "examples"])
def test_every_command_finds_the_project_from_below(
    theirs: Project, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (theirs.root / "mkdocs.yml").unlink()
    theirs.write("mkdocs.yaml", f"site_name: Theirs\ndocs_dir: handbook/src\n{OURS}")
    (theirs.root / "handbook").mkdir()
    (theirs.root / "docs").rename(theirs.root / "handbook/src")
    monkeypatch.chdir(theirs.root / place)
    assert "1 example, 1 record" in CliRunner().invoke(main, ["check"]).output
    assert "sorting/merge" in CliRunner().invoke(main, ["plan"]).output
    theirs.write("handbook/src/wrong.md", "```stackdoc\nexample: sorting/marge\n```\n")
    assert "handbook/src/wrong.md:2: " in CliRunner().invoke(main, ["check"]).output
    assert not (theirs.root / "docs").exists()
    assert [path.parent for path in theirs.root.rglob(".stackdoc")] == [theirs.root]


def test_a_project_without_examples_loads_nothing_that_measures_or_draws(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("mkdocs.yml", f"site_name: Theirs\n{OURS}")
    project.write("docs/index.md", "# Theirs\n")
    code = (
        "import sys\nfrom mkdocs.commands.build import build\nfrom mkdocs.config import load_config\n"
        "build(load_config('mkdocs.yml'))\nprint(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    heavy = {
        "torch",
        "scipy",
        "vl_convert",
        "latex2mathml",
        "nbconvert",
        "mkdocs_jupyter",
        "rdflib",
        "pint",
        "IPython",
        "matplotlib",
    }
    assert heavy & set(done.stdout.split()) == set()
