"""The pages of records: whether they still count, who vouches for them, what reference managers read in them."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import bibtexparser
import pytest
import rfc8785
import rispy

from stackdoc.model.provenance import Contribution, Withdrawal
from stackdoc.model.record import Energy, Record
from stackdoc.project import Layout
from stackdoc.records import store
from stackdoc.records.identity import with_id
from stackdoc.records.store import file_content
from stackdoc.render.html.page import Page
from stackdoc.render.pages import record as record_page
from stackdoc.site.site import Site
from stackdoc.stack.domain import STACK
from stackdoc.stack.handbook import handbook
from tests.made import two_machines
from tests.made.pages import Elements

ADDRESS = "https://example.org/handbook/"


class Read(HTMLParser):
    """Meta tags, JSON-LD, links, the status, and the text of the page with that of each section by its id."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.ld: dict[str, Any] = {}
        self.status = ""
        self.hrefs: list[str] = []
        self.parts: list[str] = []
        self.sections: dict[str, list[str]] = {}
        self.script = False
        self.feed(html)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.parts).split())

    def section(self, id: str) -> str:
        return " ".join(" ".join(self.sections[id]).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "meta":
            self.meta[given.get("name") or given.get("property", "")] = given.get("content", "")
        elif tag == "link":
            self.links[given["rel"]] = given["href"]
        elif tag == "a":
            self.hrefs.append(given["href"])
        self.script = tag == "script" and given.get("type") == "application/ld+json"
        self.status = given.get("data-status", self.status)
        if tag == "section" and "id" in given:
            self.sections[given["id"]] = []

    def handle_endtag(self, tag: str) -> None:
        self.script = self.script and tag != "script"

    def handle_data(self, data: str) -> None:
        if self.script:
            self.ld = json.loads(data)
            return
        self.parts.append(data)
        if self.sections:
            list(self.sections.values())[-1].append(data)


def pages(site: Site) -> dict[str, Page]:
    return {page.path: page for page in two_machines.record_pages(site)}


def page(site: Site, id: str) -> Read:
    return Read(pages(site)[f"r/{id}/index.html"].text)


@pytest.fixture
def old() -> Record:
    return with_id(two_machines.record("", "kernels/gemm", two_machines.ZEN, two_machines.gemm_points(80e9)))


@pytest.fixture
def new(old: Record) -> Record:
    later = replace(old, points=two_machines.gemm_points(90e9), measured_at="2026-11-21T10:00:00Z")
    return with_id(later)


def generation(root: Path, *found: Record, **changes: Any) -> Site:
    here = {"records": {one.id: one for one in found}, "measured_here": frozenset(one.id for one in found)}
    return two_machines.site(root, address=ADDRESS, **(here | changes))


def test_a_page_names_the_points_some_of_whose_launches_lack_a_device_time(tmp_path: Path, old: Record) -> None:
    point = next(point for point in old.points if point.kind == "time")
    first, *rest = point.launches
    timed = [replace(launch, cpu_ns=(), switches=(), device_ns=launch.wall_ns) for launch in rest]
    mixed = replace(point, launches=(replace(first, cpu_ns=(), switches=()), *timed))
    record = with_id(replace(old, points=(mixed,), ratios=()))
    text = " ".join(page(generation(tmp_path, record), record.id).parts)
    assert f"{point.key}: 1 of {len(point.launches)} launches have no device time" in text


def test_after_measuring_again_every_old_link_shows_the_old_figure_and_leads_to_the_new(
    tmp_path: Path, old: Record, new: Record
) -> None:
    first, second = pages(generation(tmp_path, old)), pages(generation(tmp_path, old, new))
    assert first.keys() < second.keys()
    for path in first:
        if path.endswith((".json", ".bib", ".ris")) and path != "r/index.json":
            assert first[path].text == second[path].text, path
    before, after = (Read(built[f"r/{old.id}/index.html"].text) for built in (first, second))
    assert before.sections.keys() == after.sections.keys() >= {point.key for point in old.points}
    for id in before.sections:
        assert before.section(id) == after.section(id)
    assert "3.36 ms (95 % interval 3.29 to 3.42 ms" in after.section("library;n=512").replace("\xa0", " ")
    assert (before.status, after.status) == ("current", "superseded")
    assert f"Superseded by record {new.id} of 2026-11-21." in after.text
    (link,) = [href for href in after.hrefs if href == f"/r/{new.id}/"]
    newest = Read(second[f"{link.strip('/')}/index.html"].text)
    assert newest.status == "current"
    assert "2.98 ms" in newest.section("library;n=512").replace("\xa0", " ")


def test_a_withdrawn_record_is_a_tombstone_with_its_reason(tmp_path: Path, old: Record, new: Record) -> None:
    withdrawn = {new.id: Withdrawal(new.id, "2026-11-23", "The <b>clock</b> was wrong.")}
    site = generation(tmp_path, old, new, withdrawn=withdrawn)
    found = page(site, new.id)
    assert found.status == "withdrawn"
    assert "Withdrawn on 2026-11-23: The <b>clock</b> was wrong. Do not rely on these figures." in found.text
    assert f"Use record {old.id} instead." in found.text
    assert page(site, old.id).status == "current"
    listed = {one["id"]: (one["standing"], one["withdrawn"]) for one in json.loads(pages(site)["r/index.json"].text)}
    why = "2026-11-23: The <b>clock</b> was wrong."
    assert listed == {old.id: ("current", ""), new.id: ("withdrawn", why)}


@pytest.mark.case(39, 45)
def test_a_record_of_an_older_source_or_of_an_example_that_went_says_so(tmp_path: Path, old: Record) -> None:
    changed = with_id(replace(old, digest="d0", closure=(("examples/kernels/gemm.py", "aa"),), commit="c0ffee"))
    found = page(generation(tmp_path, changed), changed.id)
    assert found.status == "older-source"
    assert "measured on an older source: source changed" in found.text
    assert "The one that ran is in commit c0ffee." in found.text
    assert "import torch" not in found.text
    gone = page(generation(tmp_path, old, examples={}, claims={}), old.id)
    assert gone.status == "no-example"


def test_the_page_holds_what_ran_where_and_who_vouches(tmp_path: Path, old: Record) -> None:
    contributed = with_id(replace(old, extra={"contributor": "A. Person"}))
    site = generation(tmp_path, old, contributed)
    ours, theirs = page(site, old.id), page(site, contributed.id)
    for part in ("import torch", "d1", "float32", "torch 2.13.0", "kernel 6.1", "2026-11-20T10:00:00Z UTC", "CC0-1.0"):
        assert part in ours.text
    assert "measured by the project" in ours.text
    assert "Contributed by A. Person, not verified by the project." in theirs.text


def test_the_verdicts_that_rest_on_a_record_stand_on_its_page(tmp_path: Path) -> None:
    found = page(two_machines.site(tmp_path), "aaaaaaaaaaaa")
    assert "A tuned library beats plain loops. holds speed-up" in found.text


def test_reference_managers_find_a_data_set_under_its_own_address(tmp_path: Path, old: Record) -> None:
    site = generation(tmp_path, old)
    found, work = page(site, old.id), f"{ADDRESS}r/{old.id}/"
    assert found.meta["citation_author"] == "The stackdoc project,"
    assert found.meta["citation_publication_date"] == "2026/11/20"
    assert found.meta["citation_public_url"] == found.meta["og:url"] == found.links["canonical"] == work
    assert found.meta["z.itemType"] == "dataset"
    assert found.meta["z.identifier"] == found.meta["z.versionNumber"] == old.id
    assert found.meta["z.archiveLocation"] == f"{ADDRESS}r/{old.id}.json"
    assert "og:type" not in found.meta
    assert found.meta["description"] == found.meta["og:description"] == found.ld["description"]
    assert found.meta["description"] == (
        "Matrix multiplication: plain loops against the library: "
        "7 figures, measured on 2026-11-20, 2-core Zen 4 server CPU, 24 GiB."
    )
    assert found.ld["@type"] == "Dataset"
    assert found.ld["identifier"] == [old.id, f"sha256:{old.sha256}"]
    library = next(one for one in found.ld["variableMeasured"] if one["propertyID"] == "library;n=512")
    assert library["value"] == pytest.approx(3.355e-3, rel=1e-3)
    assert library["minValue"] < library["value"] < library["maxValue"]
    assert library["unitText"] == "s"


def test_a_layer_page_is_a_report_with_its_revision(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path, address=ADDRESS)
    found = Read(str(STACK.head(site, "layers/kernels.md")))
    assert found.meta["citation_technical_report_number"] == found.ld["identifier"]
    assert found.meta["citation_public_url"] == f"{ADDRESS}layers/kernels/"
    assert found.ld["@type"] == "TechArticle"
    assert found.meta["og:description"] == found.ld["description"] == "Tuned operators."
    assert found.ld["isBasedOn"] == [f"{ADDRESS}r/{id}/" for id in ("aaaaaaaaaaaa", "bbbbbbbbbbbb")]


def test_nothing_in_a_title_ends_the_script_of_the_head(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path, address=ADDRESS)
    title = "</script><script>alert(1)</script>"
    site = two_machines.changed(
        site,
        stack=replace(handbook(site).stack, title=title, layers=(replace(handbook(site).stack.layers[1], name=title),)),
    )
    html = str(STACK.head(site, "layers/kernels.md"))
    assert html.count("</script>") == 1
    assert title in str(Read(html).ld["name"])


def test_the_files_beside_the_page_are_the_record_and_its_citations(tmp_path: Path, old: Record) -> None:
    found = pages(generation(tmp_path, old))
    store.write(Layout(tmp_path), old)
    assert found[f"r/{old.id}.json"].text.encode() == (tmp_path / store.record_path(Layout(tmp_path), old)).read_bytes()
    url = f"{ADDRESS}r/{old.id}/"
    (entry,) = bibtexparser.parse_string(found[f"r/{old.id}.bib"].text).entries
    (reference,) = rispy.loads(found[f"r/{old.id}.ris"].text)
    (item,) = json.loads(found[f"r/{old.id}.csl.json"].text)
    assert entry["url"] == reference["urls"][0] == item["URL"] == url


def test_the_page_of_a_record_says_how_much_of_its_energy_is_idle(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    record = site.records["aaaaaaaaaaaa"]
    for idle, words in ((None, "idle power included"), (1.5, "an idle power of 1.5\u00a0W included")):
        energy = Energy("a meter", 8.0, 2.0, 4, idle_watts=idle)
        changed = replace(record, points=tuple(replace(point, energy=energy) for point in record.points))
        html = next(iter(record_page.pages(two_machines.changed(site, records={record.id: changed}), changed))).text
        assert f"4 calls in 2.0\u00a0s by a meter, {words}" in html


def test_every_record_has_its_page_its_json_and_its_citations(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    paths = {page.path for page in two_machines.record_pages(site)}
    for id in site.records:
        assert {f"r/{id}/index.html", f"r/{id}.json", f"r/{id}.bib", f"r/{id}.ris", f"r/{id}.csl.json"} <= paths
    assert "r/index.json" in paths


def test_the_published_record_hashes_to_its_own_id(tmp_path: Path) -> None:
    stored = with_id(two_machines.site(tmp_path).records["aaaaaaaaaaaa"])
    fields = json.loads(file_content(stored))
    id, digest = fields.pop("id"), fields.pop("sha256")
    assert digest == hashlib.sha256(rfc8785.dumps(fields)).hexdigest() == stored.sha256
    assert id == digest[:16] == stored.id


def test_a_record_page_tells_what_was_measured_where_and_how(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    page = next(
        page
        for page in two_machines.record_pages(site, "https://example.org/")
        if page.path == "r/aaaaaaaaaaaa/index.html"
    )
    found = Elements(page.text)
    words = " ".join(found.words.replace("\xa0", " ").split())
    for part in (
        "3.29 to 3.42 ms",
        "quiet",
        "2-core Zen 4 server CPU, 24 GiB",
        "torch 2.13.0",
        "0123456789ab",
        "CC0-1.0",
        "Current: pages show this record",
        "relative error 2e-07",
    ):
        assert part in words
    assert "library;n=512" in {attributes.get("id") for _, attributes in found.found}
    metas = {
        attributes["name"]: attributes["content"]
        for tag, attributes in found.found
        if tag == "meta" and "name" in attributes
    }
    assert metas["z.itemType"] == "dataset"
    assert metas["citation_public_url"] == "https://example.org/r/aaaaaaaaaaaa/"


def test_a_superseded_record_leads_to_the_newer_one(tmp_path: Path) -> None:
    newer = two_machines.another(
        9e10,
        measured_at="2026-11-21T00:00:00Z",
    )
    pages = {page.path: page.text for page in two_machines.record_pages(two_machines.site(tmp_path, newer))}
    assert 'Superseded by <a href="/r/dddddddddddd/">' in pages["r/aaaaaaaaaaaa/index.html"]
    assert 'data-status="current"' in pages["r/dddddddddddd/index.html"]


def repeated(tmp_path: Path, old: Record, **changes: Any) -> tuple[Site, Record]:
    """The site with a second record that repeats the first, by somebody else."""
    points = two_machines.gemm_points(79e9)
    again = with_id(replace(old, points=points, measured_at="2026-11-22T10:00:00Z", repeats=old.sha256))
    contributed = {again.id: Contribution(again.id, "A. <i>Person</i>")}
    return generation(tmp_path, old, again, contributed=contributed, measured_here=frozenset(), **changes), again


def test_a_page_names_who_reproduced_the_record_with_ratios(tmp_path: Path, old: Record) -> None:
    site, again = repeated(tmp_path, old)
    theirs, ours = page(site, again.id), page(site, old.id)
    assert "Measured by the project. Reproduced by A. <i>Person</i>. How the figures compare" in ours.text
    assert f"record {again.id} , by A. <i>Person</i> on 2026-11-22, 2-core Zen 4 server CPU" in ours.text
    row = r"n = 512 3\.36 ms 3\.40 ms 1\.0× \(0\.9 to 1\.1\) no difference we can measure"
    assert re.search(row, ours.text)
    assert "By other contributors, on the same class of machine" in ours.text
    assert f"It repeats record {old.id} , whose page compares the figures." in theirs.text
    assert "Reproduced" not in theirs.text
    listed = {entry["id"]: entry for entry in json.loads(pages(site)["r/index.json"].text)}
    (entry,) = listed[old.id]["repetitions"]
    assert (entry["sha256"], entry["by"], entry["relation"]) == (again.sha256, "A. <i>Person</i>", "reproduction")
    assert (entry["agrees"], listed[again.id]["repeats"]) == (True, old.sha256)
    assert {"key", "ratio", "low", "high", "word"} == entry["points"][0].keys()
    assert listed[old.id]["attribution"] == "measured by the project"


def test_a_page_has_the_command_that_runs_the_record_again(tmp_path: Path, old: Record) -> None:
    way = f"stackdoc measure --like {old.id}"
    assert f"side by side: {way}" in page(generation(tmp_path, old), old.id).text
    address = "https://example.org/a/hand'book.git"
    cloned = page(generation(tmp_path, old, repository=address), old.id).text
    assert f"""git clone 'https://example.org/a/hand'"'"'book.git' && cd 'hand'"'"'book' && {way}""" in cloned
    assert "javascript" not in page(generation(tmp_path, old, repository="javascript:alert(1)"), old.id).text


def test_a_record_that_names_another_one_wrongly_says_so(tmp_path: Path, old: Record) -> None:
    missing = with_id(replace(old, repeats="ab" * 32))
    text = page(generation(tmp_path, missing), missing.id).text
    assert f"It repeats a record that this site does not have: {'ab' * 32}" in text
    other = with_id(replace(old, digest="d2", repeats=old.sha256))
    site = generation(tmp_path, old, other)
    assert f"It repeats record {old.id} , but it ran another source, so it does not count." in page(site, other.id).text
    assert other.id not in page(site, old.id).text.partition("Run it again")[2].partition("Conditions")[0]
