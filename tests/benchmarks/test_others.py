"""What an example, a build with nothing new and an edit cost, here and with the other tools, in one run."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.benchmarks.others import TOOLS, Ran, environment, run, versions

FEW, MANY = 4, 20
EDITS = 3
PATIENCE_SECONDS = 120


@pytest.fixture(scope="session")
def others(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `mkdocs` that has the other tools."""
    return environment(tmp_path_factory.mktemp("others") / "environment")


def build(tool: str, root: Path, others: Path) -> Ran:
    own = Path(sys.executable).with_name("mkdocs")
    return run(root, own if tool == "stackdoc" else others, "build", "--quiet")


@pytest.mark.parametrize("tool", TOOLS)
def test_an_example_more_and_a_build_with_nothing_new(
    benchmark: BenchmarkFixture, tmp_path: Path, others: Path, tool: str
) -> None:
    """From builds of a few and of many examples that never ran; then the larger one again."""
    few, many = tmp_path / "few", tmp_path / "many"
    TOOLS[tool](few, FEW)
    TOOLS[tool](many, MANY)
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
    TOOLS["stackdoc"](ours, MANY)
    TOOLS["mkdocs"](bare, MANY)
    build("stackdoc", ours, others)
    program = Path(sys.executable).with_name("stackdoc")
    alone = build("mkdocs", bare, others)
    planned = benchmark.pedantic(run, (ours, program, "plan"), rounds=3)
    assert "fresh" in planned.output
    benchmark.extra_info.update(with_us_seconds=planned.cpu, alone_seconds=alone.cpu, pages=1 + MANY)


@pytest.mark.parametrize("tool", TOOLS)
def test_from_an_edit_to_the_page(benchmark: BenchmarkFixture, tmp_path: Path, others: Path, tool: str) -> None:
    """A sentence of the first page changes; the new page is asked for until the server has it."""
    TOOLS[tool](tmp_path, MANY)
    build(tool, tmp_path, others)
    own = Path(sys.executable).with_name("mkdocs")
    with serving(tmp_path, own if tool == "stackdoc" else others) as address:
        wait_for_words(address, "The first page.")
        edits = iter(range(EDITS))

        def edit() -> None:
            words = f"Edit number {next(edits)}."
            (tmp_path / "docs/index.md").write_text(f"# Others\n\nThe first page. {words}\n", "utf-8")
            wait_for_words(address, words)

        benchmark.pedantic(edit, rounds=EDITS)
    benchmark.extra_info.update(tool=tool, examples=MANY)


@contextmanager
def serving(root: Path, program: Path) -> Iterator[str]:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(program), "serve", "--quiet", "--livereload", "--dev-addr", f"127.0.0.1:{port}"]
    surroundings = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=root, env=surroundings, stdout=log, stderr=log, start_new_session=True)
        try:
            yield f"http://127.0.0.1:{port}/"
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(PATIENCE_SECONDS)


def wait_for_words(address: str, words: str) -> None:
    """Asks for the page until it holds the words. Raises AssertionError when that takes too long."""
    patience = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < patience:
        try:
            with urllib.request.urlopen(address, timeout=PATIENCE_SECONDS) as answer:
                if words in answer.read().decode():
                    return
        except OSError:
            pass  # it has not begun to listen
        time.sleep(0.02)
    raise AssertionError(f"{address} never had {words!r}")
