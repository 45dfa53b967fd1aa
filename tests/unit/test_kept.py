"""What one build keeps for the next: found again, made anew where anything that it was made of has changed."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from stackdoc.adapters.rendered import FOLDER, SITES, Rendered, kept_of
from stackdoc.render.kept import DAYS, Kept, forget
from stackdoc.render.page import Assets
from stackdoc.site import Site
from tests.unit import made_up


def test_a_text_is_made_once_and_found_again(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "texts", "code 1")
    assert kept.text("a", lambda: "made\u2028\r\n") == "made\u2028\r\n"
    assert kept.text("a", lambda: "again") == "made\u2028\r\n"
    assert kept.text("b", lambda: "other") == "other"
    assert Kept(tmp_path / "texts", "code 2").text("a", lambda: "by other code") == "by other code"


@pytest.mark.parametrize("spoil", [lambda content: content[:-2], lambda content: content + b"x", lambda _: b"\xff\n"])
def test_a_text_that_is_not_whole_is_made_anew(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    kept = Kept(tmp_path, "code")
    kept.text("a", lambda: "made")
    for place in tmp_path.iterdir():
        place.write_bytes(spoil(place.read_bytes()))
    assert kept.text("a", lambda: "anew") == "anew"
    assert kept.text("a", lambda: "never asked") == "anew"


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    kept = Kept(tmp_path / "file", "code")
    assert [kept.text("a", lambda: "one"), kept.text("a", lambda: "two")] == ["one", "two"]


def test_what_no_build_asks_for_goes(tmp_path: Path) -> None:
    kept = Kept(tmp_path, "code")
    kept.text("old", lambda: "old")
    kept.text("asked for", lambda: "kept")
    long_ago = time.time() - (DAYS + 1) * 86_400
    for place in tmp_path.iterdir():
        os.utime(place, (long_ago, long_ago))
    kept.text("asked for", lambda: "anew")
    forget(tmp_path)
    assert [place.read_text().splitlines()[1] for place in tmp_path.iterdir()] == ["kept"]


def site(root: Path) -> Site:
    for path, text in {"docs/data/facts.yml": "[]\n", "examples/kernels/gemm.py": "1\n", "docs/x.md": "# X\n"}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return made_up.site(root)


def test_the_same_site_finds_what_it_rendered_with_its_files(tmp_path: Path) -> None:
    def make(assets: Assets) -> str:
        return f"<a href='{assets.add('assets/a.csv', b'1')}'>"

    first, second = Rendered(kept_of(site(tmp_path))), Rendered(kept_of(site(tmp_path)))
    made = first.text("fence", make)
    assert second.text("fence", lambda _: "anew") == made
    assert second.assets.by_path == first.assets.by_path != {}


def newer(found: Site) -> Site:
    record = made_up.record("eeeeeeeeeeee", "kernels/gemm", made_up.ZEN, made_up.gemm_points(9e9))
    return replace(found, records={**found.records, record.id: record})


@pytest.mark.parametrize(
    "change",
    [
        newer,
        lambda found: replace(found, default_machine="another"),
        lambda found: replace(found, address="https://example.org/"),
        lambda found: replace(found, measured_here=frozenset(found.records)),
        lambda found: replace(found, outcomes={"kernels/gemm@cpu": "timeout"}),
        lambda found: replace(found, examples={"kernels/gemm": made_up.example(digest="d2")}),
        lambda found: (found.root / "docs/data/facts.yml").write_text("[ ]\n") and found,
        lambda found: (found.root / "docs/data/peers.json").write_text("{}\n") and found,
        lambda found: (found.root / "examples/kernels/gemm.py").write_text("2\n") and found,
    ],
    ids=["record", "machine", "address", "ledger", "outcome", "example", "data", "new data", "script"],
)
def test_another_site_finds_nothing_of_it(tmp_path: Path, change: Callable[[Site], Site]) -> None:
    found = site(tmp_path)
    Rendered(kept_of(found)).text("fence", lambda _: "stale")
    assert Rendered(kept_of(change(found))).text("fence", lambda _: "anew") == "anew"


def test_prose_changes_nothing_that_is_kept(tmp_path: Path) -> None:
    Rendered(kept_of(site(tmp_path))).text("fence", lambda _: "kept")
    found = site(tmp_path)
    (tmp_path / "docs/x.md").write_text("# Y\n")
    assert Rendered(kept_of(found)).text("fence", lambda _: "anew") == "kept"


def test_a_few_sites_are_kept(tmp_path: Path) -> None:
    found = site(tmp_path)
    for number in range(SITES + 3):
        kept_of(replace(found, address=f"https://example.org/{number}/"))
    assert len(list((tmp_path / FOLDER).iterdir())) == SITES
    shutil.rmtree(tmp_path / FOLDER)
