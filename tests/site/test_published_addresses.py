"""The built handbook keeps every address that was published, and its search finds what readers look for."""

from __future__ import annotations

import json
from html import unescape
from pathlib import Path

import pytest

from stackdoc.project import Layout
from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook
from stackdoc.stack.merge.coverage import collisions
from stackdoc.verification import anchors
from tests.made.repository import ROOT


def test_no_published_address_is_broken(handbook: Path) -> None:
    wanted = anchors.listed(Layout(ROOT))
    assert wanted
    assert anchors.broken(wanted, handbook) == []


@pytest.fixture(scope="module")
def entries(handbook: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads((handbook / "search/search_index.json").read_text("utf-8"))["docs"]
    return found


@pytest.fixture(scope="module")
def searched(entries: list[dict[str, str]]) -> list[str]:
    return [unescape(f"{entry['title']} {entry['text']} {entry.get('words', '')}").lower() for entry in entries]


def test_a_bare_number_leads_to_what_each_source_means_by_it(
    entries: list[dict[str, str]], handbook_site: Site
) -> None:
    """The search ranks what matches a title first."""
    numbers = [collision.label for collision in collisions(handbook(handbook_site).stack) if collision.label.isdigit()]
    assert numbers
    for number in numbers:
        (found,) = [entry for entry in entries if entry["title"] == f"Layer {number}"]
        assert found["location"] == f"crosswalk/#said-layer-{number}"


def test_search_finds_examples_systems_and_records(searched: list[str], handbook_site: Site) -> None:
    site = handbook_site
    current = {
        record.id
        for example in site.examples
        for machine in {site.machine_key(one) for one in site.records.values()}
        if (record := site.current(example, machine)) is not None
    }
    for wanted in (*current, *(one.name for one in handbook(site).systems.values())):
        words = wanted.lower().split()  # a word that a section has twice is stored once
        assert any(all(word in text for word in words) for text in searched), wanted
    titles = [example.title.lower() for example in site.examples.values()]
    assert not [title for title in titles if not any(title in text for text in searched)]
