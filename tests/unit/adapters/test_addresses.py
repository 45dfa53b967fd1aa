"""Addresses of a page: relative to it, and left alone where they lead elsewhere."""

from __future__ import annotations

import pytest

from stackdoc.adapters.addresses import relative


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
