"""What one build keeps for the next: found again, made anew where anything that it was made of has changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from stackdoc.adapters.rendered import SITES, Rendered, site_cache
from stackdoc.errors import StackdocError
from stackdoc.model.provenance import Remark, Withdrawal
from stackdoc.project import RENDERED
from stackdoc.render.cache import BLOCK, DAYS, TextCache, digest, forget
from stackdoc.render.fences.block import fence
from stackdoc.render.html.page import Assets
from stackdoc.site.site import Site
from stackdoc.stack.speed.speed import FILE
from tests.made import git_repository, two_machines


def test_a_text_is_made_once_and_found_again(tmp_path: Path) -> None:
    kept = TextCache(tmp_path, Path("texts"), "code 1")
    assert kept.text("a", lambda: "made\u2028\r\n") == "made\u2028\r\n"
    assert kept.text("a", lambda: "again") == "made\u2028\r\n"
    assert kept.text("b", lambda: "other") == "other"
    assert TextCache(tmp_path, Path("texts"), "code 2").text("a", lambda: "by other code") == "by other code"


@pytest.mark.parametrize("spoil", [lambda content: content[:-2], lambda content: content + b"x", lambda _: b"\xff\n"])
def test_a_text_that_is_not_whole_is_made_anew(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    kept = TextCache(tmp_path, Path(), "code")
    kept.text("a", lambda: "made")
    for place in tmp_path.iterdir():
        place.write_bytes(spoil(place.read_bytes()))
    assert kept.text("a", lambda: "anew") == "anew"
    assert kept.text("a", lambda: "never asked") == "anew"


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    kept = TextCache(tmp_path, Path("file"), "code")
    assert [kept.text("a", lambda: "one"), kept.text("a", lambda: "two")] == ["one", "two"]


def test_what_no_build_asks_for_goes(tmp_path: Path) -> None:
    kept = TextCache(tmp_path, Path(), "code")
    kept.text("old", lambda: "old")
    kept.text("asked for", lambda: "kept")
    long_ago = time.time() - (DAYS + 1) * 86_400
    for place in tmp_path.iterdir():
        os.utime(place, (long_ago, long_ago))
    kept.text("asked for", lambda: "anew")
    forget([tmp_path], time.time())
    assert [kept.get("old"), kept.get("asked for")] == [None, "kept"]
    assert len(list(tmp_path.iterdir())) == 1


def test_the_least_recently_requested_texts_go_first_and_none_that_this_build_requested(tmp_path: Path) -> None:
    caches = [TextCache(tmp_path, Path(folder), "code") for folder in ("pages", "sites/one")]
    begun = time.time() - 10
    for age in range(6):
        for kept in caches:
            kept.put(str(age), "a" * BLOCK)
            place = kept.root / kept.folder / digest(kept.made_by, str(age))
            os.utime(place, (begun + 1 - age, begun + 1 - age))
    folders = [tmp_path / "pages", tmp_path / "sites"]
    forget(folders, begun, 8 * BLOCK)
    assert [[age for age in range(6) if kept.has(str(age))] for kept in caches] == [[0, 1, 2, 3]] * 2
    forget(folders, begun, 0)
    assert [[age for age in range(6) if kept.has(str(age))] for kept in caches] == [[0, 1]] * 2


@pytest.mark.case(75)
def test_only_texts_of_ours_are_removed_and_nothing_behind_a_link(tmp_path: Path) -> None:
    ours, theirs, linked = (
        tmp_path / "figures" / ("0" * 32),
        tmp_path / "figures/photo.jpg",
        tmp_path / "home" / ("1" * 32),
    )
    for place in (ours, theirs, linked):
        place.parent.mkdir(exist_ok=True)
        place.write_text("x")
        os.utime(place, (0, 0))
    (tmp_path / "twins").symlink_to(tmp_path / "home")
    forget([tmp_path / "figures", tmp_path / "twins"], time.time(), 0)
    assert [place.exists() for place in (ours, theirs, linked)] == [False, True, True]


@pytest.mark.case(75)
def test_a_link_among_the_caches_of_sites_removes_nothing(tmp_path: Path) -> None:
    precious = [tmp_path / f"home/precious-{number}" for number in range(SITES + 1)]
    for directory in precious:
        directory.mkdir(parents=True)
    (tmp_path / RENDERED).parent.mkdir(exist_ok=True)
    (tmp_path / RENDERED).symlink_to(tmp_path / "home")
    site_cache(two_machines.site(tmp_path))
    assert all(directory.is_dir() for directory in precious)


def test_a_cache_from_the_repository_is_not_used(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever can add a page to the cache could publish figures that no record has."""
    theirs = TextCache(tmp_path, Path("kept"), "code")
    theirs.put("page", "theirs")
    ours = TextCache(tmp_path / "clone", Path("kept"), "code")
    git_repository.committed(tmp_path)
    git_repository.git(tmp_path, "clone", "--quiet", str(tmp_path), str(ours.root))
    assert [ours.text("page", lambda: "made here") for _ in range(2)] == ["made here"] * 2
    assert [record.message for record in caplog.records] == [
        "kept is under version control and therefore ignored; remove it from the repository"
    ]


def test_the_same_site_finds_what_it_rendered_with_its_files(tmp_path: Path) -> None:
    def make(assets: Assets) -> str:
        return f"<a href='{assets.add('assets/a.csv', b'1')}'>"

    found: list[tuple[str, dict[str, str]]] = []
    for making in (make, lambda _: "anew"):
        rendered, files = Rendered(site_cache(two_machines.site(tmp_path))), dict[str, str]()
        rendered.write = files.__setitem__
        found.append((rendered.text("fence", making), files))
    assert found[0] == found[1] == ("<a href='/assets/a.csv'>", {"assets/a.csv": "1"})


KEY = """
import sys
from dataclasses import replace
from pathlib import Path
from stackdoc.project import Layout
from stackdoc.records import ledger
from stackdoc.adapters.rendered import site_cache
from tests.made import two_machines
from tests.made.records import record

root = Path(sys.argv[1])
ids = [f"{number:012x}" for number in range(20)]
ledger.enter(Layout(root), [record(id=id) for id in ids])
found = two_machines.site(root)
print(site_cache(replace(found, measured_here=ledger.entries(Layout(root)) & dict.fromkeys(ids).keys())).made_by)
"""


def test_the_ledger_is_the_same_in_whatever_order_a_set_gives_it(tmp_path: Path) -> None:
    """Else a machine that has measured would render everything anew at every build."""
    keys = {
        subprocess.check_output(
            [sys.executable, "-c", KEY, str(tmp_path)], env={**os.environ, "PYTHONHASHSEED": seed}, text=True
        )
        for seed in ("1", "2", "3")
    }
    assert len(keys) == 1


def newer(found: Site) -> Site:
    record = two_machines.record("eeeeeeeeeeee", "kernels/gemm", two_machines.ZEN, two_machines.gemm_points(9e9))
    return replace(found, records={**found.records, record.id: record})


@pytest.mark.parametrize(
    "change",
    [
        newer,
        lambda found: replace(found, default_machine="another"),
        lambda found: replace(found, address="https://example.org/"),
        lambda found: replace(found, measured_here=frozenset(found.records)),
        lambda found: replace(found, outcomes={"kernels/gemm@cpu": "timeout"}),
        lambda found: replace(found, examples={"kernels/gemm": two_machines.example(digest="d2")}),
        lambda found: replace(found, examples={"kernels/gemm": two_machines.example(source="print(2)")}),
        lambda found: two_machines.changed(found, facts={}),
        lambda found: replace(found, withdrawn={"aaaaaaaaaaaa": Withdrawal("aaaaaaaaaaaa", "2026-11-23", "Wrong.")}),
        lambda found: replace(found, remarks=(Remark(("aaaaaaaaaaaa",), "2026-11-23", "Another thing."),)),
    ],
    ids=["record", "machine", "address", "ledger", "outcome", "example", "script", "data", "withdrawal", "remark"],
)
def test_another_site_finds_nothing_of_it(tmp_path: Path, change: Callable[[Site], Site]) -> None:
    found = two_machines.site(tmp_path)
    Rendered(site_cache(found)).text("fence", lambda _: "stale")
    assert Rendered(site_cache(change(found))).text("fence", lambda _: "anew") == "anew"


def test_what_reads_a_file_itself_is_not_kept(tmp_path: Path) -> None:
    found = two_machines.site(tmp_path)
    body = "speed: tools"

    def shown() -> str:
        return Rendered(site_cache(found)).text(body, lambda assets: fence(found, body, "docs/x.md", 1, assets))

    assert "Not run yet" in shown()
    (tmp_path / "docs/data" / FILE).parent.mkdir(parents=True)
    (tmp_path / "docs/data" / FILE).write_text("{}")
    with pytest.raises(StackdocError, match="is not of the form"):
        shown()


def test_a_few_sites_are_kept(tmp_path: Path) -> None:
    found = two_machines.site(tmp_path)
    for number in range(SITES + 3):
        site_cache(replace(found, address=f"https://example.org/{number}/"))
    assert len(list((tmp_path / RENDERED).iterdir())) == SITES
    shutil.rmtree(tmp_path / RENDERED)
