"""Addresses of a site that no server serves: every directory gets its file."""

from __future__ import annotations

from pathlib import Path

import pytest
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from stackdoc.adapters.addresses import relative
from stackdoc.adapters.mkdocs.publish import addresses, description_of
from stackdoc.stack.systems.types import System
from tests.made import two_machines

PAGES = ("index.md", "claims.md", "layers/index.md", "layers/kernels.md", "examples/kernels/gemm.ipynb", "a.yml")


def places(directories: bool) -> dict[str, str] | None:
    config = MkDocsConfig()
    config.use_directory_urls = directories
    return addresses(Files([File(path, "docs", "site", directories) for path in PAGES]), config)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/", "../index.html"),
        ("/claims/#one", "../claims.html#one"),
        ("/layers/", "../layers/index.html"),
        ("/layers/kernels/", "../layers/kernels.html"),
        ("/examples/kernels/gemm/", "../examples/kernels/gemm.html"),
        ("/r/0123456789ab/", "../r/0123456789ab/index.html"),
        ("/data/stack.ttl", "../data/stack.ttl"),
    ],
)
def test_an_address_leads_to_a_file(address: str, expected: str) -> None:
    assert relative(f'<a href="{address}">', "guide/author.html", places(False)) == f'<a href="{expected}">'


def test_a_server_finds_the_file_itself() -> None:
    assert places(True) is None


def test_a_page_is_described_by_what_the_data_say_of_its_subject(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    system = System("torch", "Torch", "framework", purpose="Multiplies `matrices`.")
    site = two_machines.changed(site, systems={"torch": system}, system_texts=("torch",))
    assert description_of(site, "layers/kernels.md") == "Tuned operators."
    assert description_of(site, "examples/kernels/gemm.ipynb") == "One product, written two ways."
    assert description_of(site, "systems/torch.md") == "Torch: Multiplies matrices."
    assert description_of(site, "index.md") == ""
