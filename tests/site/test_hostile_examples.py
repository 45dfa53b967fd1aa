"""Twelve examples that do all that an example should not, in one build beside one that behaves."""

from __future__ import annotations

import re

import psutil

from tests.made.built import Project

HEADER = """# /// script
# requires-python = ">=3.11"
# dependencies = ["stackdoc"]
# [tool.stackdoc]
# layer = "sorting"
# title = "Hostile"
# launches = 1
# budget_seconds = 3
# ///
\"\"\"Does what it should not.\"\"\"
import ctypes, os, signal, sys, time
from stackdoc import example

ex = example()
"""
HOSTILE = {
    "loop": ("while True: pass", "timeout"),
    "stubborn": ("signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: pass", "timeout"),
    "sleeper": ("time.sleep(900)", "timeout"),
    "flood": ("while True: os.write(1, b'<script>alert(1)</script>' * 4000)", "output-cap"),
    "crash": ("ctypes.string_at(0)", "signal"),
    "killed": ("os.kill(os.getpid(), signal.SIGKILL)", "signal"),
    "leaves": ("os._exit(0)", "no-result"),
    "exits": ("sys.exit(7)", "failed"),
    "raises": ("raise ValueError('<script>alert(1)</script>')", "failed"),
    "asks": ("ex.report('age', float(input()))", "failed"),
    "deep": ("def f(n): return f(n + 1)\nf(0)", "failed"),
    "daemon": (
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "        os.execvp('sleep', ['sleep', '314159'])\n    os._exit(0)\nos.wait()\nraise SystemExit(1)",
        "failed",
    ),
}
VALUE = re.compile(r'<data class="sd-value".*?</data>')


def test_twelve_leave_a_whole_site_and_their_neighbour_s_figures(project: Project) -> None:
    before, records = values(project), project.digest("docs/records")
    for name, (body, _) in HOSTILE.items():
        project.write(f"examples/sorting/{name}.py", f"{HEADER}{body}\n")
    ended = project.run("stackdoc", "build")
    assert ended.returncode == 1
    assert not re.search("(?m)^Traceback", ended.stderr)  # but for what an example printed, behind a bar
    said = dict(re.findall(r"failed +sorting/(\w+) on cpu: ([\w-]+)", ended.stdout))
    assert said == {name: outcome for name, (_, outcome) in HOSTILE.items()}
    assert project.digest("docs/records") == records
    assert values(project) == before != []
    pages = {name: (project.site / f"examples/sorting/{name}/index.html").read_text("utf-8") for name in HOSTILE}
    assert all("Hostile" in page and "<script>alert(1)" not in page for page in pages.values())
    assert not any("314159" in one.info["cmdline"] for one in psutil.process_iter(["cmdline"]) if one.info["cmdline"])


def values(project: Project) -> list[str]:
    """Every measured number of the hand-written page, with its record."""
    return VALUE.findall((project.site / "index.html").read_text("utf-8"))
