"""What an example, a build with nothing new and an edit cost, here and with the other tools, in one run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.benchmarks.others import FIRST, TOOLS, Ran, environment, run, same_pages, versions
from tests.benchmarks.served import edited, serving, wait_for_words

FEW, MANY = 4, 20
EDITS = ROUNDS = 3
MOST = 1.25  # times plain MkDocs with the same pages, for a build with nothing new


@pytest.fixture(scope="session")
def others(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of the other tools."""
    return environment(tmp_path_factory.mktemp("others") / "environment")


def build(tool: str, root: Path, others: Path) -> Ran:
    name, *arguments = TOOLS[tool].build
    return run(root, programs(tool, others) / name, *arguments)


def programs(tool: str, others: Path) -> Path:
    """Return the directory with the tool's program."""
    return Path(sys.executable).parent if tool == "stackdoc" else others


@pytest.mark.parametrize("tool", TOOLS)
def test_an_example_more_and_a_build_with_nothing_new(
    benchmark: BenchmarkFixture, tmp_path: Path, others: Path, tool: str
) -> None:
    """From builds of a few and of many examples that never ran; then the larger one again."""
    few, many = tmp_path / "few", tmp_path / "many"
    TOOLS[tool].write(few, FEW)
    TOOLS[tool].write(many, MANY)
    first, second = build(tool, few, others), build(tool, many, others)
    again = benchmark.pedantic(build, (tool, many, others), rounds=3)
    benchmark.extra_info.update(
        tool=tool,
        examples=MANY,
        versions=versions(others),
        example_cpu_seconds=(second.cpu - first.cpu) / (MANY - FEW),
        example_seconds=(second.wall - first.wall) / (MANY - FEW),
        replay_cpu_seconds=again.cpu,
    )
    assert (many / "site/index.html").is_file()


def test_a_plan_with_nothing_to_run(benchmark: BenchmarkFixture, tmp_path: Path, others: Path) -> None:
    """What `stackdoc plan` takes to find every record fresh, beside a build of the same pages without us."""
    ours, bare = tmp_path / "ours", tmp_path / "bare"
    TOOLS["stackdoc"].write(ours, MANY)
    TOOLS["mkdocs"].write(bare, MANY)
    build("stackdoc", ours, others)
    program = Path(sys.executable).with_name("stackdoc")
    alone = build("mkdocs", bare, others)
    planned = benchmark.pedantic(run, (ours, program, "plan"), rounds=3)
    assert "fresh" in planned.output
    benchmark.extra_info.update(with_us_seconds=planned.cpu, alone_seconds=alone.cpu, pages=1 + MANY)


def test_twenty_examples_beside_the_same_pages(benchmark: BenchmarkFixture, tmp_path: Path, others: Path) -> None:
    """A build with nothing new, beside plain MkDocs with the pages that stackdoc makes, written out as Markdown."""
    ours, same = tmp_path / "ours", tmp_path / "same"
    TOOLS["stackdoc"].write(ours, MANY)
    build("stackdoc", ours, others)
    pages = same_pages(same, ours)
    alone, with_us = list[float](), list[float]()

    def both() -> None:
        alone.append(build("mkdocs", same, others).cpu)
        with_us.append(build("stackdoc", ours, others).cpu)

    benchmark.pedantic(both, rounds=ROUNDS)
    benchmark.extra_info.update(alone_seconds=min(alone), with_us_seconds=min(with_us), pages=pages)
    assert min(with_us) <= MOST * min(alone)


@pytest.mark.parametrize("tool", TOOLS)
def test_from_an_edit_to_the_page(benchmark: BenchmarkFixture, tmp_path: Path, others: Path, tool: str) -> None:
    """A sentence of the first page changes; the new page is asked for until the server has it."""
    TOOLS[tool].write(tmp_path, MANY)
    build(tool, tmp_path, others)
    page = tmp_path / TOOLS[tool].page
    with serving(tmp_path, programs(tool, others), TOOLS[tool].serve) as address:
        wait_for_words(address, FIRST)
        edits = iter(range(EDITS))

        def edit() -> None:
            edited(page, FIRST, f"{FIRST[:-1]}, edit {next(edits)}: {FIRST}", address)

        benchmark.pedantic(edit, rounds=EDITS)
    benchmark.extra_info.update(tool=tool, examples=MANY)
