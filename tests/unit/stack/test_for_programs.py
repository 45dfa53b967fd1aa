"""What programs find: every layer in the guide for language models, and the map of the site."""

from __future__ import annotations

from pathlib import Path

from stackdoc.stack.for_programs import files, llms, robots
from stackdoc.stack.handbook import handbook
from tests.made import two_machines


def test_the_guide_lists_every_layer_with_its_question(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    text = llms(site)
    assert text.startswith("# ")
    for layer in handbook(site).stack.places:
        assert f"- [{layer.name}](layers/{layer.id}/index.md): {layer.question}" in text


def test_crawlers_learn_where_the_map_is_if_the_site_has_an_address(tmp_path: Path) -> None:
    assert "Sitemap: https://example.org/stack/sitemap.xml" in robots("https://example.org/stack")
    assert "Sitemap" not in robots("")
    assert {"llms.txt", "robots.txt", "data/stack.ttl"} <= files(two_machines.site(tmp_path)).keys()
