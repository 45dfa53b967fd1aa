"""What is published beside the pages: addresses, descriptions, links to edit, and what a server watches."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from stackdoc.adapters.addresses import Addresses
from stackdoc.adapters.contents import description_of
from stackdoc.adapters.mkdocs.publish import addresses, edit_address, tags
from stackdoc.adapters.mkdocs.serving import overlook
from stackdoc.project import Layout
from stackdoc.stack.systems.types import System
from tests.made import two_machines

PAGES = ("index.md", "claims.md", "layers/index.md", "layers/kernels.md", "examples/kernels/gemm.ipynb", "a.yml")


def places(directories: bool) -> Addresses:
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
    assert places(False).relative(f'<a href="{address}">', "guide/author.html") == f'<a href="{expected}">'


def test_a_server_finds_the_file_itself() -> None:
    assert places(True) == Addresses()


def test_a_page_is_described_by_what_the_data_say_of_its_subject(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    system = System("torch", "Torch", "framework", purpose="Multiplies `matrices`.")
    site = two_machines.changed(site, systems={"torch": system}, system_texts=("torch",))
    assert description_of(site, "layers/kernels.md") == "Tuned operators."
    assert description_of(site, "examples/kernels/gemm.ipynb") == "One product, written two ways."
    assert description_of(site, "systems/torch.md") == "Torch: Multiplies matrices."
    assert description_of(site, "index.md") == ""


@pytest.mark.parametrize(
    ("repo_url", "edit_uri", "expected"),
    [
        ("", "", None),
        ("", "https://example.org/edit/main/docs/", "https://example.org/edit/main/examples/a/b.py"),
        ("https://example.org/o/n", "edit/main/docs/", "https://example.org/o/n/edit/main/examples/a/b.py"),
        ("https://example.org/o/n/", "blob/main/docs/", "https://example.org/o/n/blob/main/examples/a/b.py"),
    ],
)
def test_the_page_of_an_example_is_edited_in_its_script(
    tmp_path: Path, repo_url: str, edit_uri: str, expected: str | None
) -> None:
    config = MkDocsConfig()
    config.docs_dir, config.repo_url, config.edit_uri = str(tmp_path / "docs"), repo_url, edit_uri
    assert edit_address(config, tmp_path / "examples/a/b.py") == expected


class Observer:
    """What a server's observer does with the handlers it is given."""

    def __init__(self) -> None:
        self.handlers: list[Any] = []

    def schedule(self, handler: Any, *_: object) -> None:
        self.handlers.append(handler)


@pytest.mark.parametrize(
    ("path", "noticed"),
    [
        ("docs/index.md", True),
        ("examples/a/b.py", True),
        ("docs/stackdoc/machines/index.md", True),
        ("docs/stackdoc/records/m/a/b/0123.json", False),
        (".stackdoc/ledger.json", False),
        ("examples/a/__pycache__/b.pyc", False),
    ],
)
def test_what_a_build_writes_calls_for_no_other_build(tmp_path: Path, path: str, noticed: bool) -> None:
    observer, heard = Observer(), list[Any]()
    overlook(observer, Layout(tmp_path, prefix="stackdoc/"))
    observer.schedule(SimpleNamespace(on_any_event=heard.append), str(tmp_path))
    observer.handlers[0].on_any_event(SimpleNamespace(src_path=str(tmp_path / path)))
    assert bool(heard) == noticed


def test_the_tags_of_a_layer_are_elements(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    config = MkDocsConfig()
    config.load_dict({"site_name": "A site", "docs_dir": str(tmp_path), "site_dir": str(tmp_path / "site")})
    file = File("layers/kernels.md", str(tmp_path), str(tmp_path / "site"), use_directory_urls=True)
    found = tags(site, Page("Kernels", file, config), config, whole=True, picture="")
    assert '<meta name="citation_title"' in found
    assert 'type="text/markdown"' in found
    assert "&lt;" not in found
