"""An edition is frozen, carried along unchanged, cited, and says what has changed since."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from cffconvert import Citation
from playwright.sync_api import Browser, expect

from stackdoc.files import write_archive
from tests.browsing import serving
from tests.made.built import Project
from tests.made.keys import allowing, made_key, needs_ssh_keygen
from tests.made.once import Once
from tests.made.project import make_project

pytestmark = needs_ssh_keygen
SITE = "https://example.org/kitchen/"
SETTINGS = f"""
site_name: A kitchen
site_url: {SITE}
site_author: The cooks
theme: {{name: material, font: false}}
plugins:
- search
- stackdoc: {{prefix: "", license: CC0-1.0, text_license: CC-BY-4.0}}
markdown_extensions: [attr_list, md_in_html, tables]
"""
DOI = "10.5281/zenodo.123"
ARCHIVE = "editions/2026-12.zip"
TAXONOMY = "docs/data/taxonomies/cook.yml"
POT = "layers/pot/index.html"


def committed(project: Project) -> None:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    for words in (("init", "--quiet"), ("add", "."), (*identity, "commit", "--quiet", "--message", "All")):
        subprocess.run(("git", "-C", str(project.root), *words), check=True)


@pytest.fixture(scope="module")
def made_once(once: Once) -> Project:
    """A kitchen with a signed edition, committed, and its site built; nobody may change it."""

    def make(place: Path) -> None:
        project = Project(make_project(place / "project"))
        project.write("mkdocs.yml", SETTINGS)
        project.write("docs/index.md", "# A kitchen\n\nWith pots.\n")
        project.write(".gitignore", "site/\n.stackdoc/\n")
        key = made_key(place / "keys")
        (project.root / "docs/data/allowed_signers").write_bytes(allowing(key))
        committed(project)
        made = project.run("stackdoc", "edition", "2026-12", "--sign", str(key), "--doi", DOI)
        assert made.returncode == 0, made.stdout + made.stderr
        committed(project)
        built = project.run("stackdoc", "build", "--strict", "--measure", "never")
        assert built.returncode == 0, built.stdout + built.stderr

    return Project(once.made("edition", make) / "project")


@pytest.fixture
def project(made_once: Project, tmp_path: Path) -> Project:
    copy = Project(tmp_path / "project")
    shutil.copytree(made_once.root, copy.root)
    return copy


def manifest_of(project: Project) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads((project.root / "editions/2026-12/manifest.json").read_text("utf-8"))
    return fields


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def built(project: Project, *words: str) -> str:
    ended = project.run("stackdoc", "build", "--measure", "never", *words)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


def test_an_edition_is_published_as_its_manifest_states_and_only_its_text_is_under_version_control(
    made_once: Project,
) -> None:
    manifest = manifest_of(made_once)
    assert digests(made_once.site / "v/2026-12") == manifest["files"]
    assert (manifest["doi"], manifest["address"], manifest["title"]) == (DOI, f"{SITE}v/2026-12/", "A kitchen")
    assert set(manifest["revisions"]) == {f"layers/{name}/" for name in ("hearth", "pot", "dish", "order")}
    tracked = subprocess.check_output(("git", "-C", str(made_once.root), "ls-files", "editions"), text=True).split()
    texts = [f"editions/2026-12/text/{path}" for path in manifest["files"] if path.endswith(".md")]
    own = ["editions/.gitignore", "editions/2026-12/manifest.json", "editions/2026-12/manifest.json.sig"]
    assert sorted(tracked) == sorted([*own, *texts])
    assert {"v", "sitemap.xml", "editions"}.isdisjoint(path.split("/")[0] for path in manifest["files"])


def test_its_pages_have_their_own_address_and_are_kept_from_search_engines(made_once: Project) -> None:
    frozen = (made_once.site / "v/2026-12" / POT).read_text("utf-8")
    assert f'<link rel="canonical" href="{SITE}v/2026-12/layers/pot/">' in frozen
    assert '<meta name="robots" content="noindex, follow">' in frozen
    assert frozen.count("noindex") == 1
    live = (made_once.site / POT).read_text("utf-8")
    assert f'<link rel="canonical" href="{SITE}layers/pot/">' in live
    assert f'<meta property="og:url" content="{SITE}layers/pot/">' in live
    assert "noindex" not in live
    assert "/v/" not in (made_once.site / "sitemap.xml").read_text("utf-8")


def test_a_layer_is_cited_in_the_edition_until_its_page_changes(project: Project) -> None:
    cited = project.run("stackdoc", "cite", "pot").stdout
    revision = manifest_of(project)["revisions"]["layers/pot/"]
    assert f"edition 2026-12, revision {revision}" in cited
    assert cited.endswith(f"{SITE}v/2026-12/layers/pot/\n")
    assert f"edition 2026-12, revision {revision}" in (project.site / "v/2026-12" / POT).read_text("utf-8")
    project.change(TAXONOMY, "Iron that holds.", "Copper that holds.")
    cited = project.run("stackdoc", "cite", "pot").stdout
    assert "edition" not in cited
    assert cited.endswith(f"{SITE}layers/pot/\n")
    assert project.run("stackdoc", "cite", "hearth").stdout.endswith(f"{SITE}v/2026-12/layers/hearth/\n")


def test_what_has_changed_since_is_said_by_section_and_the_edition_stays_as_it_was(project: Project) -> None:
    before = digests(project.site / "v/2026-12")
    since = json.loads((project.site / "editions/2026-12/since.json").read_text("utf-8"))
    assert set(since.values()) == {"Nothing has changed since."}
    project.change(TAXONOMY, "Iron that holds.", "Copper that holds.")
    project.write("docs/index.md", "# A kitchen\n\nWith pots.\n\n## And pans\n\nOf iron.\n")
    built(project)
    assert digests(project.site / "v/2026-12") == before
    since = json.loads((project.site / "editions/2026-12/since.json").read_text("utf-8"))
    assert since["layers/pot"].startswith("Changed since: “What the sources call this”. ")
    assert since["home"] == "Added: “And pans”. 1 section as before."
    assert since["layers/hearth"] == "Nothing has changed since."
    about = (project.site / "editions/2026-12/index.html").read_text("utf-8")
    assert '<tr id="layers/pot">' in about
    assert "signed by a known key: alice@example.org" in about
    assert hashlib.sha256((project.root / "editions/2026-12/manifest.json").read_bytes()).hexdigest() in about
    assert "2026-12" in (project.site / "editions/index.html").read_text("utf-8")


def test_the_line_on_its_pages_leads_to_what_has_changed_and_to_the_page_now(
    project: Project, browser: Browser
) -> None:
    project.change(TAXONOMY, "Iron that holds.", "Copper that holds.")
    built(project)
    with serving(project.site) as address, browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{address}v/2026-12/layers/pot/")
        line = page.locator("[data-status=edition]")
        page.wait_for_function("document.querySelector('.sd-since').textContent")
        assert "Changed since: “What the sources call this”." in line.inner_text()
        line.get_by_text("this page now").click()
        expect(page).to_have_url(f"{address}layers/pot/")
        page.go_back()
        page.locator("[data-status=edition] a").first.click()
        expect(page).to_have_url(f"{address}editions/2026-12/#layers/pot")
        assert "Changed since" in page.locator("[id='layers/pot']").inner_text()


def test_citation_file_and_structured_data_agree(made_once: Project) -> None:
    text = (made_once.site / "v/2026-12/CITATION.cff").read_text("utf-8")
    Citation(text).validate()
    cff = yaml.safe_load(text)
    about = (made_once.site / "editions/2026-12/index.html").read_text("utf-8")
    match = re.search(r'<script type="application/ld\+json">(.*?)</script>', about)
    assert match is not None
    data = json.loads(match[1])
    assert (cff["type"], data["@type"]) == ("dataset", "Dataset")
    assert cff["title"] == data["name"] == "A kitchen, edition 2026-12"
    assert cff["version"] == data["version"] == "2026-12"
    assert cff["url"] == data["url"] == f"{SITE}v/2026-12/"
    assert str(cff["date-released"]) == data["datePublished"]
    assert cff["doi"] == DOI
    assert data["sameAs"] == f"https://doi.org/{DOI}"
    assert cff["authors"] == [{"name": data["creator"]["name"]}] == [{"name": "The cooks"}]
    assert cff["license"] == "CC0-1.0"
    assert data["license"] == "https://creativecommons.org/publicdomain/zero/1.0/"
    cited = made_once.run("stackdoc", "cite", "edition:2026-12", "--format", "csl-json").stdout
    (item,) = json.loads(cited)
    assert (item["DOI"], item["version"], item["URL"]) == (DOI, "2026-12", f"{SITE}v/2026-12/")


def test_what_differs_from_the_manifest_is_refused(project: Project) -> None:
    archive = project.root / ARCHIVE
    with zipfile.ZipFile(archive) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    with zipfile.ZipFile(archive, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content.replace(b"Iron", b"Gold") if name == POT else content)
        packed.writestr("../outside.html", "x")
    refused = project.run("stackdoc", "build", "--measure", "never")
    assert refused.returncode == 1
    assert f"{ARCHIVE}: {POT}: is not what the manifest states" in refused.stderr
    assert f"{ARCHIVE}: ../outside.html: is not part of the edition" in refused.stderr
    archive.write_bytes(b"not an archive")
    assert f"{ARCHIVE}: can't be read" in project.run("stackdoc", "build", "--measure", "never").stderr
    write_archive(archive, files)
    damaged = bytearray(archive.read_bytes())
    with zipfile.ZipFile(archive) as packed:
        start = packed.getinfo(POT).header_offset + 30 + len(POT)
    damaged[start : start + 8] = b"\xff" * 8  # not a block of deflate
    archive.write_bytes(damaged)
    assert f"{ARCHIVE}: can't be read" in (ended := project.run("stackdoc", "build", "--measure", "never")).stderr
    assert "Traceback" not in ended.stderr


def test_a_changed_text_or_manifest_is_refused_by_check(project: Project) -> None:
    assert project.run("stackdoc", "check").returncode == 0
    text = next((project.root / "editions/2026-12/text").rglob("*.md"))
    original = text.read_bytes()
    text.write_bytes(original + b"more\n")
    assert (
        "is not what the manifest states; restore it: an edition never changes"
        in project.run("stackdoc", "check").stderr
    )
    text.unlink()
    assert "can't be read" in project.run("stackdoc", "check").stderr
    text.write_bytes(original)
    project.change("editions/2026-12/manifest.json", '"title": "A kitchen"', '"title": "A cellar"')
    assert "manifest.json: signature broken" in project.run("stackdoc", "check").stderr
    for fields in ("[]", "{", '{"schema": "stackdoc.edition/1", "name": "2026-12"}'):
        project.write("editions/2026-12/manifest.json", fields)
        refused = project.run("stackdoc", "check")
        assert (refused.returncode, "Traceback" in refused.stderr) == (1, False)


def test_without_its_archive_it_is_not_published_and_the_build_warns(project: Project) -> None:
    (project.root / ARCHIVE).unlink()
    assert f"{ARCHIVE}: is missing, so edition 2026-12 is not published" in built(project)
    assert not (project.site / "v").exists()
    missing = project.run("stackdoc", "anchors")
    assert "editions/2026-12/manifest.json: published, but not in the site" in missing.stderr
    assert project.run("stackdoc", "build", "--measure", "never", "--strict").returncode == 1


def test_an_edition_needs_a_new_name_an_address_and_what_is_committed(project: Project) -> None:
    project.write("docs/index.md", "# Changed\n")
    refused = project.run("stackdoc", "edition", "2026-12", "--doi", "zenodo").stderr
    assert "editions/2026-12: exists already, and an edition never changes" in refused
    assert "'zenodo': is not a DOI" in refused
    assert "1 file has changes that are not committed" in refused
    project.change("mkdocs.yml", f"site_url: {SITE}\n", "")
    refused = project.run("stackdoc", "edition", "../2027").stderr
    assert "'../2027': is not a valid name" in refused
    assert "needs the address at which the site is published" in refused


def test_the_same_commit_makes_the_same_files(project: Project) -> None:
    first = manifest_of(project)["files"]
    shutil.rmtree(project.root / "editions")
    committed(project)
    made = project.run("stackdoc", "edition", "2026-12", "--doi", DOI)
    assert made.returncode == 0, made.stderr
    assert manifest_of(project)["files"] == first
