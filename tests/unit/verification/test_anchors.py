"""Published addresses: none breaks unseen, and what moved leads on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from stackdoc.adapters.cli.main import main
from stackdoc.errors import Problem
from stackdoc.project import Layout
from stackdoc.render.pages import redirects
from stackdoc.site.redirects import Redirect, read_redirects
from stackdoc.verification import anchors
from tests.made import two_machines


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def test_what_is_listed_and_gone_is_named(tmp_path: Path) -> None:
    built = tmp_path / "site"
    write(built / "layers/a/index.html", '<p id="menu"></p><article><h2 id="x">X</h2><h2 id="__y">Y</h2></article>')
    write(built / "r/abc/index.html", '<p id="z"></p>')
    (tmp_path / "docs/data").mkdir(parents=True)
    assert anchors.add(Layout(tmp_path), built) == 2
    assert anchors.listed(Layout(tmp_path)) == ["/layers/a/", "/layers/a/#x"]
    assert anchors.add(Layout(tmp_path), built) == 0
    assert anchors.broken(anchors.listed(Layout(tmp_path)), built) == []
    write(built / "layers/a/index.html", '<article><h2 id="new">X</h2></article>')
    assert anchors.broken(anchors.listed(Layout(tmp_path)), built) == ["/layers/a/#x"]
    assert anchors.add(Layout(tmp_path), built) == 1
    assert anchors.listed(Layout(tmp_path)) == ["/layers/a/", "/layers/a/#new", "/layers/a/#x"]


@pytest.mark.case(39)
def test_a_moved_page_leads_on_and_breaks_nothing(tmp_path: Path) -> None:
    site = replace(two_machines.site(tmp_path), redirects=(Redirect("/layers/old/", "/layers/kernels/#x"),))
    (page,) = redirects.pages(site)
    assert page.path == "layers/old/index.html"
    assert 'content="0; url=../../layers/kernels/#x"' in page.text
    write(tmp_path / "site" / page.path, page.text)
    assert anchors.broken(["/layers/old/", "/layers/old/#y", "/gone/"], tmp_path / "site") == ["/gone/"]


def test_redirects_are_read_strictly(tmp_path: Path) -> None:
    rows = ["{old: /a/, new: /b/}", "{old: /b/, new: 'https://example.org/'}", "{old: /a/, new: /c/}"]
    write(tmp_path / "docs/data/redirects.yml", "".join(f"- {row}\n" for row in rows))
    problems: list[Problem] = []
    read_redirects(Layout(tmp_path), problems)
    assert sorted((one.line, one.message) for one in problems) == [
        (1, "'/a/' is redirected twice"),
        (1, "'/b/' has moved too"),
        (2, "'https://example.org/' is not an address within the site"),
        (3, "'/a/' is redirected twice"),
    ]


@pytest.mark.case(91)
def test_a_redirect_to_a_page_that_is_not_there_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "docs/data/redirects.yml", "- {old: /a/, new: '/b/#x'}\n- {old: /c/, new: /nowhere/}\n")
    write(tmp_path / "site/index.html", "")
    write(tmp_path / "site/b/index.html", "")
    done = CliRunner().invoke(main, ["--root", str(tmp_path), "anchors"])
    assert done.exit_code == 1
    assert done.stderr == "docs/data/redirects.yml: /c/: leads to /nowhere/, which is not in the site\n"
