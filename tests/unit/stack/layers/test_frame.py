"""What stands around a layer's text, and the ways through the layers."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from stackdoc.errors import StackdocError
from stackdoc.render.fences.block import fence
from stackdoc.render.html.print_footer import print_footer
from stackdoc.stack.layers import frame
from tests.made import two_machines


def test_a_page_has_its_three_dates(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    html = frame.framed(site, "kernels", "<h1>K</h1><p>x</p>", "2026-11-21")
    dates = "Text reviewed 2026-11-21; measured up to 2026-11-20 on 2 machines."
    assert f'</h1><p class="sd-dates">{dates}</p><section class="sd-lead"' in html
    silicon = frame.dates(site, "silicon")
    assert silicon == '<p class="sd-dates">Measured up to 2026-11-20 on 1 machine; newest source 2023-03.</p>'
    bare = two_machines.changed(site, records={}, facts={}, measured_here=frozenset())
    assert frame.dates(bare, "kernels") == '<p class="sd-dates">Nothing measured yet.</p>'


def test_a_page_ends_with_its_neighbours_and_what_paper_needs(tmp_path: Path) -> None:
    html = frame.framed(two_machines.site(tmp_path, address="https://example.org/"), "silicon", "<h1>S</h1>")
    assert 'Above: <a href="/layers/kernels/">' in html
    assert "Below:" not in html
    (foot,) = re.findall(r'<p class="sd-print" data-words="([^"]*)"></p>', html)
    assert "https://example.org/layers/silicon/" in foot
    assert "cccccccccccc" in foot


def test_any_page_ends_on_paper_with_its_address_its_date_and_its_records(tmp_path: Path) -> None:
    html = '<data data-record="bbbbbbbbbbbb">1</data><data data-record="aaaaaaaaaaaa">2</data>' * 2
    there = print_footer(two_machines.site(tmp_path), "A & B", "https://example.org/examples/a/", html)
    words = "A &amp; B, https://example.org/examples/a/. As of 2026-11-20. Records: bbbbbbbbbbbb, aaaaaaaaaaaa."
    assert there == f'<p class="sd-print" data-words="{words}"></p>'
    bare = replace(two_machines.site(tmp_path), records={}, measured_here=frozenset())
    assert print_footer(bare, "A", "", "") == '<p class="sd-print" data-words="A."></p>'


def test_a_path_links_each_layer_in_order_and_lights_one(tmp_path: Path) -> None:
    html = fence(two_machines.site(tmp_path), "path: [kernels, silicon]\nat: silicon\ncaption: Down", "docs/x.md", 1)
    assert re.findall(r'href="([^"]+)"', html) == ["/layers/kernels/", "/layers/silicon/"]
    assert re.findall(r'href="([^"]+)"[^>]*aria-current', html) == ["/layers/silicon/"]
    assert "<figcaption>Down</figcaption>" in html


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("path: [kernels, silicn]", "docs/x.md:1: unknown layer 'silicn'; did you mean 'silicon'?"),
        ("path: [kernels, silicon]\nat: kernel", "docs/x.md:2: unknown layer 'kernel'; did you mean 'kernels'?"),
        ("path: kernels", "docs/x.md:1: needs a list of two layers or more"),
    ],
)
def test_a_path_through_unknown_layers_is_refused(tmp_path: Path, body: str, said: str) -> None:
    with pytest.raises(StackdocError, match=re.escape(said)):
        fence(two_machines.site(tmp_path), body, "docs/x.md", 1)


def test_what_follows_a_heading_stands_apart_from_it_and_nothing_is_lost() -> None:
    html = "<h1>K</h1><p>a</p><h2>Q</h2><p>b</p><h2>R</h2><p>c</p><h3>S</h3><details><p>d</p></details>"
    apart = frame.wrap_sections(html)
    assert apart.startswith("<h1>K</h1><p>a</p><h2>Q</h2><p>b</p><h2>R</h2><div")
    assert re.findall('<div class="sd-part">(.*?)</div>', apart) == ["<p>c</p>", "<details><p>d</p></details>"]
    assert re.sub("</?div[^>]*>", "", apart) == html
    inside = f"{html}<details><h2>T</h2><p>e</p></details>"
    assert frame.wrap_sections(inside) == inside
