"""A first build shows the stored records, measures, and shows what was measured, also if it is stopped."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.made.built import Project
from tests.made.waiting import until

HEADER = """# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc"]
# [tool.stackdoc]
# layer = "sorting"
# title = "{title}"
# launches = 1
# budget_seconds = {budget}
# ///
\"\"\"One of two.\"\"\"
"""
QUICK = HEADER + "from stackdoc import example\nexample().measure('sum', lambda: sum(range(300)))\n"
SLOW = HEADER + "import pathlib, time\npathlib.Path({sign!r}).touch()\ntime.sleep(60)\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_site_is_there_before_anything_is_measured_and_shows_what_was_measured_until_it_was_stopped(
    project: Project, number: signal.Signals
) -> None:
    sign = project.root.parent / "launched"
    project.write("examples/sorting/quick.py", QUICK.format(title="Quick", budget=10))
    project.write("examples/sorting/slow.py", SLOW.format(title="Slow", budget=36_000, sign=str(sign)))
    shutil.rmtree(project.site)
    records = set((project.root / "docs/records").rglob("*.json"))
    command = [str(Path(sys.executable).with_name("stackdoc")), "build", "--show-first"]
    with psutil.Popen(
        command,
        cwd=project.root,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as build:
        try:
            until(sign.exists, 120)
            (new,) = set((project.root / "docs/records").rglob("*.json")) - records
            assert (project.site / "index.html").exists()
            assert not (project.site / "r" / new.stem).exists()
            build.send_signal(number)
            output, _ = build.communicate(timeout=60)
        finally:
            if build.poll() is None:
                build.kill()
    assert build.returncode == 0, output
    assert (project.site / "r" / new.stem / "index.html").exists()
    assert new.stem in (project.site / "examples/sorting/quick/index.html").read_text("utf-8")
    first, last = re.findall(r"site: site/index\.html, in [\d.]+ s; (.*)", output)
    assert (first, last) == ("what follows adds this machine", "to read it with live reload: make serve")
    assert "1 example left to the next run\n" in output
    assert "  skipped   sorting/slow on cpu: the run was stopped; the next run measures it\n" in output
    assert "Traceback" not in output


def test_a_build_that_may_not_measure_or_has_a_site_builds_once(project: Project) -> None:
    for again in (False, True):
        if not again:
            shutil.rmtree(project.site)
        ended = project.run("stackdoc", "build", "--show-first", STACKDOC_MEASURE="never")
        assert ended.returncode == 0, ended.stderr
        assert len(re.findall(r"^site: ", ended.stdout, re.MULTILINE)) == 1
