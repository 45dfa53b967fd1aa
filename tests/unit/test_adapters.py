"""Addresses, navigation, and the scan for fences."""

from __future__ import annotations

import pytest

from stackdoc.adapters.addresses import relative
from stackdoc.adapters.navigation import expand


@pytest.mark.parametrize(
    ("address", "url", "expected"),
    [
        ("/layers/kernels/", "layers/silicon/", "../kernels/"),
        ("/layers/kernels/", "", "layers/kernels/"),
        ("/assets/a.css", "r/0123/", "../../assets/a.css"),
        ("/", "layers/kernels/", "../../"),
        ("/claims/#naive", "claims/", "./#naive"),
        ("/data/x.json?y=1", "404.html", "data/x.json?y=1"),
    ],
)
def test_addresses_become_relative_to_the_page(address: str, url: str, expected: str) -> None:
    assert relative(f'<a href="{address}">', url) == f'<a href="{expected}">'


@pytest.mark.parametrize("address", ["//elsewhere.example/x", "https://elsewhere.example/", "kernels/", "#top"])
def test_other_addresses_stay(address: str) -> None:
    assert relative(f'<a href="{address}">', "layers/") == f'<a href="{address}">'


def test_text_that_quotes_an_address_stays() -> None:
    assert relative("<code>href=&quot;/x&quot;</code>", "a/b/") == "<code>href=&quot;/x&quot;</code>"


def test_a_star_in_the_navigation_is_the_pages_below_in_the_order_of_the_stack() -> None:
    paths = [
        "index.md",
        "layers/silicon.md",
        "layers/kernels.md",
        "layers/index.md",
        "layers/a.yml",
        "examples/kernels/x.ipynb",
    ]
    nav = [{"Home": "index.md"}, {"Layers": ["layers/*"]}, {"Examples": ["examples/*"]}]
    assert expand(nav, paths, {"kernels": 0, "silicon": 1}) == [
        {"Home": "index.md"},
        {"Layers": ["layers/index.md", "layers/kernels.md", "layers/silicon.md"]},
        {"Examples": ["examples/kernels/x.ipynb"]},
    ]
