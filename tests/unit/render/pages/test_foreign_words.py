"""What the engine writes in a project without a stack: it names no handbook, no layer, and whoever measured there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from stackdoc.adapters.registered import load_site
from stackdoc.examples.read import read_example
from stackdoc.model.provenance import Contribution
from stackdoc.project import Layout
from stackdoc.records import ledger, store
from stackdoc.render.html.page import Page
from stackdoc.render.pages import record as record_page
from stackdoc.render.pages.all import generated
from stackdoc.site.site import Site
from stackdoc.site.status import attribution
from tests.made import two_machines
from tests.made.project import EXAMPLE
from tests.made.records import GPU_MACHINE, made_record

OWN = "site_name: Theirs\nsite_author: A & B\n"
HANDBOOKS = re.compile(
    r"layers?\b|handbook|\batoms?\b|taxonom|the project\b(?! itself)|make [a-z]+`|make systems", re.IGNORECASE
)


def project(root: Path, configuration: str = OWN) -> Site:
    """An example without a layer in an environment, with records of two machines."""
    environment = root / "examples/environments/iron"
    environment.mkdir(parents=True)
    (environment / "requirements.lock").write_text("numpy==2.3.0\n", "utf-8")
    (root / "examples/pot").mkdir()
    text = EXAMPLE.replace('# layer = "pot"\n', '# environment = "iron"\n').replace('# claims = ["it-boils"]\n', "")
    (root / "examples/pot/boiling.py").write_text(text, "utf-8")
    (root / "examples/pot/helper.py").write_text("def boil() -> None: ...\n", "utf-8")
    (root / "mkdocs.yml").write_text(configuration, "utf-8")
    common = {"example": "pot/boiling", "digest": read_example(root, "examples/pot/boiling.py").digest}
    for record in (here := made_record(**common)), made_record(**common, machine=GPU_MACHINE):
        store.write(Layout(root), record)
    ledger.enter(Layout(root), [here])
    return load_site(root)


def pages(site: Site) -> Iterator[Page]:
    yield from generated(site, ())
    for record in site.records.values():
        yield from record_page.pages(site, record)


def test_no_page_speaks_of_what_the_project_has_not(tmp_path: Path) -> None:
    site = project(tmp_path)
    assert site.examples["pot/boiling"].layer == ""
    every = {page.path: page.text for page in pages(site)}
    wanted = {"environments.md", "examples/index.md", "machines/index.md", "compare/index.md", "compare/changelog.md"}
    assert wanted <= every.keys()
    assert {path: HANDBOOKS.findall(text) for path, text in every.items() if HANDBOOKS.search(text)} == {}


@pytest.mark.parametrize(("configuration", "home"), [(OWN, "Theirs"), ("", "Home")])
def test_no_link_of_a_record_page_is_empty(tmp_path: Path, configuration: str, home: str) -> None:
    site = project(tmp_path, configuration)
    for record in site.records.values():
        (page, *_) = record_page.pages(site, record)
        assert re.findall(r"<a\b(?![^>]*\bhidden\b)[^>]*>\s*</a>", page.text) == []
        assert f'<a href="/">{home}</a>' in page.text


def test_whoever_measured_a_record_is_the_author_of_the_site(tmp_path: Path) -> None:
    site = project(tmp_path)
    own, other = (
        next(one for one in site.records.values() if (one.id in site.measured_here) is here) for here in (True, False)
    )
    site = replace(site, contributed={other.id: Contribution(other.id, "C. Person")})
    assert attribution(site, own) == "measured by A & B"
    assert attribution(site, other) == "contributed by C. Person, not verified by A & B"


def test_the_handbook_keeps_its_words(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    assert attribution(site, site.records["aaaaaaaaaaaa"]) == "measured by the project"
