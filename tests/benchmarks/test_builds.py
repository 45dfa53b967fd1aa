"""What stackdoc adds to a build that has nothing to measure: processor time against the same pages without it."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from stackdoc.site import load_site
from tests.benchmarks.grown import bare, grow

EXAMPLES = 20
MOST = 5.0  # times MkDocs and mkdocs-jupyter alone, which have no pages of records and comparisons and no figures


def built(root: Path) -> float:
    """Builds the project and gives the processor seconds of the process; others on the machine do not count."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    program = str(Path(sys.executable).with_name("mkdocs"))
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    subprocess.run([program, "build", "--quiet"], cwd=root, env=environment, check=True, timeout=600)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.bench
def test_a_replay_against_the_same_pages_without_us(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    grow(ours, EXAMPLES)
    built(ours)  # draws the figures and renders the notebooks, which are kept
    bare(theirs, EXAMPLES, ours / ".stackdoc/notebooks/examples")
    alone = min(built(theirs) for _ in range(2))
    with_us = min(benchmark.pedantic(built, (ours,), rounds=1), built(ours))
    benchmark.extra_info.update(alone_seconds=alone, with_us_seconds=with_us, ratio=with_us / alone)
    assert with_us <= MOST * alone


@pytest.mark.parametrize("examples", [4, 16])
def test_reading_grows_with_the_records(benchmark: BenchmarkFixture, tmp_path: Path, examples: int) -> None:
    grow(tmp_path, examples if benchmark.enabled else 2)
    site = benchmark.pedantic(load_site, (tmp_path,), rounds=3)
    assert len(site.records) == 5 * len(site.examples)
