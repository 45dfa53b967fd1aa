"""Scripts that nobody wrote for stackdoc, run in one project: their output is a record, stale as any other."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest

from stackdoc.measure.outputs import STDERR
from stackdoc.model.record import Output
from stackdoc.plan.freshness import stale_by_files
from stackdoc.plan.project import Project, read_project
from stackdoc.project import Layout
from stackdoc.run.measuring import bring_up_to_date
from stackdoc.run.result import ExampleResult
from tests.made.scripts import FAST, HEADER

PRINTS = '''\
"""Prints in all the ways programs print."""
import logging
import os
import subprocess
import sys
import warnings

class Thing: ...

print("by print")
subprocess.run(["echo", "by a child"], check=True)
os.write(1, b"by os.write\\n")
sys.__stdout__.write("by __stdout__\\n")
print("again by print", Thing())
# %%
warnings.warn("an old way")
logging.warning("by logging")
print("to stderr", file=sys.stderr)
Thing()
'''
OWN_FOLDER = """\
from pathlib import Path
print(Path("table.csv").read_text())
Path("made.txt").write_text("mine")
print(Path(__file__).with_name("table.csv").stat().st_size, sorted(p.name for p in Path().iterdir()))
"""
OWN_PACKAGE = """\
import sys
from pathlib import Path
sys.path.insert(0, str(Path(__file__).parents[1] / "src"))
from ourlib import double
print(double(4))
"""
MEASURES_IT = """\
import sys
from pathlib import Path
sys.path.insert(0, str(Path(__file__).parents[2] / "src"))
from ourlib.sums import total
from stackdoc import example
example().measure("total", lambda: total(100))
"""
AWAITS = """\
import asyncio
from stackdoc import example
queue = asyncio.Queue()
await queue.put(7)
# %%
print(await queue.get())
example().measure("sum", lambda: sum(range(500)))
"""
NOTEBOOK = json.dumps({"cells": [
    {"cell_type": "code", "source": "%matplotlib inline\nx = 20"}, {"cell_type": "code", "source": "x + 1"},
]})  # fmt: skip
SCRIPTS = {
    "examples/prints.py": PRINTS,
    "examples/deep/er/reads.py": OWN_FOLDER,
    "examples/deep/er/table.csv": "a,b",
    "examples/uses.py": OWN_PACKAGE,
    "examples/timed/uses.py": HEADER.format(options="# launches = 1\n") + MEASURES_IT,
    "examples/timed/awaits.py": HEADER.format(options="# launches = 1\n") + AWAITS,
    "examples/tour.ipynb": NOTEBOOK,
    "examples/lacks.py": "import nowhere\n",
    "examples/broken.py": "x = = 1\n",
    "examples/ends.py": HEADER.format(options="# [tool.stackdoc.expect]\n# exit_code = 0\n# prints = 'done'\n")
    + "print('done')\n",
    "examples/raises.py": HEADER.format(options="# [tool.stackdoc.expect]\n# fails = 'ValueError'\n")
    + "# %%\nx = 1\n# %%\nx = 2\n# %%\nraise ValueError(object())\n",
    "src/ourlib/__init__.py": "from ourlib.doubles import double\n",
    "src/ourlib/doubles.py": "def double(x):\n    return 2 * x\n",
    "src/ourlib/sums.py": "def total(n):\n    return sum(range(n))\n",
    "src/ourlib/unused.py": "x = 1\n",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, ExampleResult]]:
    root = tmp_path_factory.mktemp("others")
    for name, text in SCRIPTS.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(textwrap.dedent(text))
    summary = bring_up_to_date(read(root), limits=FAST)
    assert {decision.example: decision.reason for decision in summary.decisions if decision.action == "skip"} == {
        "broken": "skipped: is not Python: invalid syntax (line 1)",
        "lacks": "skipped: needs nowhere, which is not installed (line 1)",
    }
    return root, {result.example: result for result in summary.results}


def read(root: Path) -> Project:
    return read_project(Layout(root))


def outputs(results: dict[str, ExampleResult], id: str) -> tuple[Output, ...]:
    record = results[id].record
    assert record is not None, results[id].outcome
    return record.outputs


def stale(root: Path, results: dict[str, ExampleResult]) -> set[str]:
    """The examples whose record is stale by files now."""
    examples = read(root).examples
    records = {id: result.record for id, result in results.items()}
    return {id for id, record in records.items() if record and stale_by_files(record, examples[id])}


def test_a_script_without_a_measurement_runs_once(project: tuple[Path, dict[str, ExampleResult]]) -> None:
    root, results = project
    assert {result.outcome.name for result in results.values()} == {"ok"}, [one.outcome for one in results.values()]
    once = {id for id, result in results.items() if result.launches == 1}
    assert once == {"prints", "deep/er/reads", "uses", "tour", "ends", "raises"}
    assert results.keys() - once == {"timed/uses", "timed/awaits"}
    assert {result.outcome.name for result in results.values()} == {"ok"}
    again = bring_up_to_date(read(root), limits=FAST)
    assert again.results == ()  # cached
    record = results["prints"].record
    assert record is not None
    assert record.points == ()


def test_everything_that_is_printed_is_shown_in_its_order(project: tuple[Path, dict[str, ExampleResult]]) -> None:
    first, second = outputs(project[1], "prints")
    lines = ["by print", "by a child", "by os.write", "by __stdout__", "again by print <__main__.Thing object at 0x…>"]
    assert (first.cell, first.mime, first.data.splitlines()) == (0, "text/plain", lines)
    assert (second.cell, second.mime) == (1, STDERR)
    assert "UserWarning: an old way" in second.data
    assert second.data.splitlines()[-2:] == ["WARNING:root:by logging", "to stderr"]
    assert str(project[0]) not in second.data


def test_a_script_finds_its_folder_and_may_write_there(project: tuple[Path, dict[str, ExampleResult]]) -> None:
    root, results = project
    (shown,) = outputs(results, "deep/er/reads")
    assert shown.data == "a,b\n3 ['made.txt', 'reads.py', 'table.csv']\n"
    assert not (root / "examples/deep/er/made.txt").exists()
    record = results["deep/er/reads"].record
    assert record is not None
    assert [path for path, _ in record.closure] == ["examples/deep/er/reads.py", "examples/deep/er/table.csv"]


def test_a_notebook_and_an_await_at_the_top_run(project: tuple[Path, dict[str, ExampleResult]]) -> None:
    assert [output.data for output in outputs(project[1], "tour")] == ["21"]
    assert [output.data for output in outputs(project[1], "timed/awaits")] == ["7\n"]


def test_what_is_expected_of_a_script_is_shown_where_it_happens(project: tuple[Path, dict[str, ExampleResult]]) -> None:
    assert [output.data for output in outputs(project[1], "ends")] == ["done\n"]
    (raised,) = outputs(project[1], "raises")
    assert (raised.cell, raised.data) == (2, "ValueError: <object object at 0x…>\n")


@pytest.mark.case(46)
def test_the_modules_that_a_launch_loads_belong_to_its_record(project: tuple[Path, dict[str, ExampleResult]]) -> None:
    root, results = project
    own = {id: [path for path, _ in result.record.closure] for id, result in results.items() if result.record}
    package = "src/ourlib/__init__.py"
    assert own["uses"] == ["examples/uses.py", package, "src/ourlib/doubles.py"]
    assert own["timed/uses"] == ["examples/timed/uses.py", package, "src/ourlib/doubles.py", "src/ourlib/sums.py"]
    assert stale(root, results) == set()
    for name, old, new, expected in [
        ("src/ourlib/sums.py", "sum(range(n))", "n * (n - 1) // 2", {"timed/uses"}),
        ("src/ourlib/doubles.py", "2 * x", "x + x", {"uses", "timed/uses"}),
        ("src/ourlib/doubles.py", "return", "# a comment\n    return", set()),
        ("src/ourlib/unused.py", "x = 1", "x = 2", set()),
        ("examples/deep/er/table.csv", "a,b", "a,c", {"deep/er/reads"}),
    ]:
        text = (root / name).read_text()
        (root / name).write_text(text.replace(old, new))
        assert stale(root, results) == expected, name
        (root / name).write_text(text)
    (root / "src/ourlib/sums.py").rename(root / "src/ourlib/moved.py")
    assert stale(root, results) == {"timed/uses"}
    (root / "src/ourlib/moved.py").rename(root / "src/ourlib/sums.py")
    assert stale(root, results) == set()


@pytest.mark.case(46)
def test_a_package_beside_the_project_belongs_to_the_record_too(tmp_path: Path) -> None:
    package = tmp_path / "library/lib.py"
    root = tmp_path / "site"
    script = root / "examples/uses.py"
    for path, text in [(package, "VALUE = 1\n"), (script, f"import sys\nsys.path.append({str(package.parent)!r})\n")]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    script.write_text(script.read_text() + "import lib\nprint(lib.VALUE)\n")
    script.write_text("# /// script\n# dependencies = []\n# ///\n" + script.read_text())
    (result,) = bring_up_to_date(read(root), limits=FAST).results
    assert result.record is not None, result.outcome
    assert [path for path, _ in result.record.closure] == ["../library/lib.py", "examples/uses.py"]
    assert stale(root, {"uses": result}) == set()
    package.write_text("VALUE = 2\n")
    assert stale(root, {"uses": result}) == {"uses"}
