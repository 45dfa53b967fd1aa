"""What stackdoc adds to a build that has nothing to measure, and how its cost grows with the pages."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from stackdoc.adapters.registered import load_site
from tests.benchmarks.grown import bare, grow
from tests.benchmarks.others import TOOLS, Ran, run
from tests.benchmarks.ready_made import paste
from tests.benchmarks.served import edited, serving, wait_for_words
from tests.made.repository import ROOT

PROGRAM = Path(sys.executable).with_name("mkdocs")
EXAMPLES = 20
SENTENCE, WORDS = "A rule chooses these six", ("once", "twice")  # on the handbook's home page, and edits of it
MOST = 1.2  # times MkDocs and mkdocs-jupyter alone, with the same pages and notebooks
MOST_AGAIN = 0.3  # the same, for a build of the handbook with nothing new
MOST_EDIT = 0.1  # the same, from an edited sentence of the handbook to its page
MOST_BESIDE = 2.0  # times them with the author's own pages only: records, comparisons and machines have pages too
DRAWING = 150e6  # bytes that the first build's drawing of charts takes, however many there are
GROWN = [int(size) for size in os.environ.get("BENCH_SIZES", "50 200").split()]  # a thousand take minutes by the dozen


def built(root: Path, site: Path) -> Ran:
    """Builds the project without measuring anything."""
    return run(root, PROGRAM, "build", "--quiet", "--site-dir", site, STACKDOC_MEASURE="never")


def test_a_replay_of_the_same_site(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """The handbook, against its pages with everything pasted in that we render, in processor seconds."""
    alone, ours = tmp_path / "alone", tmp_path / "ours"
    built(ROOT, ours)  # draws the figures and renders the notebooks, which are kept
    pages = paste(alone, ROOT, ours)
    built(alone, alone / "site")
    theirs = min(built(alone, alone / "site").cpu for _ in range(2))
    with_us = min(benchmark.pedantic(built, (ROOT, ours), rounds=1).cpu, built(ROOT, ours).cpu)
    benchmark.extra_info.update(alone_seconds=theirs, with_us_seconds=with_us, ratio=with_us / theirs, pages=pages)
    assert with_us <= MOST_AGAIN * theirs


def test_from_an_edit_to_a_page_of_the_handbook(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """A sentence of the home page changes, here and in the same pages without us."""
    ours, alone = tmp_path / "ours", tmp_path / "alone"
    made = {".git", ".venv", "build", "site", "site-offline"}
    shutil.copytree(ROOT, ours, ignore=lambda folder, _: made if Path(folder) == ROOT else set())
    built(ours, ours / "site")
    pages = paste(alone, ours, ours / "site")

    def edit(root: Path) -> float:
        with serving(root, PROGRAM.parent, TOOLS["mkdocs"].serve) as address:
            wait_for_words(address, SENTENCE)
            return min(edited(root / "docs/index.md", SENTENCE, f"{SENTENCE}, {word}", address) for word in WORDS)

    with_us = benchmark.pedantic(edit, (ours,), rounds=1)
    theirs = edit(alone)
    benchmark.extra_info.update(alone_seconds=theirs, with_us_seconds=with_us, pages=pages)
    assert with_us <= MOST_EDIT * theirs


def test_a_replay_beside_the_authors_pages(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    grow(ours, EXAMPLES)
    built(ours, ours / "site")
    pages = bare(theirs, EXAMPLES, ours / "site/examples")
    alone = min(built(theirs, theirs / "site").cpu for _ in range(2))
    with_us = min(benchmark.pedantic(built, (ours, ours / "site"), rounds=1).cpu, built(ours, ours / "site").cpu)
    benchmark.extra_info.update(alone_seconds=alone, with_us_seconds=with_us, ratio=with_us / alone, pages=pages)
    assert with_us <= MOST_BESIDE * alone


@pytest.mark.parametrize("examples", GROWN)
def test_a_large_site(benchmark: BenchmarkFixture, tmp_path: Path, examples: int) -> None:
    """As many pages and notebooks as examples, five times as many records: planned, built first, built again.

    Beside it, MkDocs and mkdocs-jupyter alone with the same pages and notebooks, and no page of a record.
    """
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    grow(ours, examples)
    planned = run(ours, PROGRAM.with_name("stackdoc"), "plan")
    first = built(ours, ours / "site")
    again = benchmark.pedantic(built, (ours, ours / "site"), rounds=1)
    bare(theirs, examples, ours / "site/examples")
    alone = built(theirs, theirs / "site")
    benchmark.extra_info["growth"] = {
        "examples": examples,
        "records": 5 * examples,
        "planning_s": planned.cpu,
        "first_s": first.cpu,
        "again_s": again.cpu,
        "alone_s": alone.cpu,
        "peak_bytes": max(first.peak_bytes, again.peak_bytes),
        "alone_peak_bytes": alone.peak_bytes,
    }
    assert again.peak_bytes <= MOST * alone.peak_bytes
    assert first.peak_bytes <= MOST * alone.peak_bytes + DRAWING


@pytest.mark.parametrize("examples", [4, 16])
def test_reading_grows_with_the_records(benchmark: BenchmarkFixture, tmp_path: Path, examples: int) -> None:
    grow(tmp_path, examples if benchmark.enabled else 2)
    site = benchmark.pedantic(load_site, (tmp_path,), rounds=3)
    assert len(site.records) == 5 * len(site.examples)
