"""Addresses of a page: relative to it, and left alone where they lead elsewhere."""

from __future__ import annotations

import pytest

from stackdoc.adapters.addresses import AT_ROOT, Addresses


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
    assert AT_ROOT.relative(f'<a href="{address}">', url) == f'<a href="{expected}">'


@pytest.mark.parametrize("address", ["//elsewhere.example/x", "https://elsewhere.example/", "kernels/", "#top"])
def test_other_addresses_stay(address: str) -> None:
    assert AT_ROOT.relative(f'<a href="{address}">', "layers/") == f'<a href="{address}">'


@pytest.mark.parametrize(
    ("address", "url", "expected"),
    [
        ("/machines/", "guide/start/", "../../stackdoc/machines/"),
        ("/machines/", "stackdoc/examples/a/", "../../machines/"),
        ("/", "stackdoc/r/0123/", "../../../"),
    ],
)
def test_addresses_lead_below_the_prefix_and_home_to_the_site(address: str, url: str, expected: str) -> None:
    assert Addresses("stackdoc/").relative(f'<a href="{address}">', url) == f'<a href="{expected}">'


def test_text_that_quotes_an_address_stays() -> None:
    assert AT_ROOT.relative("<code>href=&quot;/x&quot;</code>", "a/b/") == "<code>href=&quot;/x&quot;</code>"
