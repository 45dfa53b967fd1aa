"""A small form of the benchmarks for every run of the tests: ratios to plain MkDocs with the same pages, in one run.

Seconds depend on the machine and on who else uses it. So each limit is compared with the best of a few rounds, in which
both sides take turns, and leaves room.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.grown import grow
from tests.benchmarks.others import TOOLS, run, same_pages
from tests.benchmarks.served import edited, serving, wait_for_words

EXAMPLES = 8
ROUNDS = 5
PROGRAMS = Path(sys.executable).parent
NEVER = {"STACKDOC_MEASURE": "never"}
MOST_AGAIN = 1.6  # a build with nothing new; 1.1 on an idle machine
MOST_EDIT = 1.5  # from an edited sentence to its page; 0.6 on an idle machine
MOST_FIRST = 6.0  # a build of which nothing is stored, with five records of each example; 3.3 on an idle machine
PAGE = "pages/part00/product0"
SERVE = TOOLS["mkdocs"].serve
SENTENCE = "A paragraph of text that says little"


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, float]:
    """A project of ours, built once, the same pages for plain MkDocs, and the processor time of the first build."""
    ours, same = tmp_path_factory.mktemp("ours"), tmp_path_factory.mktemp("same") / "stage"
    grow(ours, EXAMPLES)
    first = built(ours)
    same_pages(same, ours)
    return ours, same, first


def built(root: Path) -> float:
    return run(root, PROGRAMS / "mkdocs", "build", "--quiet", **NEVER).cpu


def best(rounds: Iterator[tuple[float, float]], most: float, words: str) -> None:
    """Check the ratio of the least of both sides, which the first rounds that are fast enough decide."""
    sides = list[tuple[float, float]]()
    for sides_of_round in rounds:
        sides.append(sides_of_round)
        with_us, alone = (min(side) for side in zip(*sides, strict=True))
        if with_us <= most * alone:
            break
    print(f"{words}: {with_us / alone:.2f} times plain MkDocs, after {len(sides)} rounds")
    assert with_us <= most * alone


def test_builds_cost_no_more_than_a_multiple_of_plain_mkdocs(projects: tuple[Path, Path, float]) -> None:
    ours, same, first = projects
    best(((built(ours), built(same)) for _ in range(ROUNDS)), MOST_AGAIN, "nothing new")
    best(((first, built(same)) for _ in range(1)), MOST_FIRST, "first build")


def test_an_edited_sentence_is_seen_as_soon_as_with_plain_mkdocs(projects: tuple[Path, Path, float]) -> None:
    ours, same, _ = projects
    with serving(ours, PROGRAMS, SERVE) as ours_at, serving(same, PROGRAMS, SERVE) as same_at:
        sides = [
            (root / f"docs/{PAGE}.md", f"{address}{PAGE}/") for root, address in ((ours, ours_at), (same, same_at))
        ]
        for _, address in sides:
            wait_for_words(address, SENTENCE)

        def waits(number: int) -> tuple[float, float]:
            one, other = (edited(page, SENTENCE, f"{SENTENCE} {number}", address) for page, address in sides)
            return one, other

        best(map(waits, range(ROUNDS)), MOST_EDIT, "from an edit to its page")
