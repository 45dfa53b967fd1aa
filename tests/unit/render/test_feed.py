"""The feed has an entry for each step in which a figure moved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as xml

from stackdoc.render.exports import files
from stackdoc.render.feed import NAMESPACE, feed
from tests.made import two_machines

ATOM = {"a": NAMESPACE}


def test_a_figure_that_moved_is_an_entry(tmp_path: Path) -> None:
    slower = two_machines.another(
        40e9,
        measured_at="2026-11-22T00:00:00Z",
    )
    site = replace(two_machines.site(tmp_path, slower), address="https://example.org/stack", name="A & B")
    root = xml.fromstring(feed(site))
    assert root.findtext("a:title", namespaces=ATOM) == "A & B: figures that moved"
    assert root.findtext("a:updated", namespaces=ATOM) == "2026-11-22T00:00:00Z"
    (entry,) = root.findall("a:entry", ATOM)
    assert entry.findtext("a:id", namespaces=ATOM) == "https://example.org/stack/r/dddddddddddd/"
    link = entry.find("a:link", ATOM)
    assert link is not None
    assert link.get("href") == "https://example.org/stack/changelog/#dddddddddddd"
    assert "6 of 7 compared figures moved." in str(entry.findtext("a:summary", namespaces=ATOM))


def test_a_site_without_an_address_has_no_feed(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    assert "feed.xml" not in files(site)
    assert "feed.xml" in files(site, "https://example.org")


def test_a_site_whose_figures_never_moved_has_a_valid_empty_feed(tmp_path: Path) -> None:
    root = xml.fromstring(feed(replace(two_machines.site(tmp_path), address="https://example.org")))
    assert root.findall("a:entry", ATOM) == []
    assert root.findtext("a:id", namespaces=ATOM) == "https://example.org/changelog/"
