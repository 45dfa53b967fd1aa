"""A prediction by a law: what a launch is given, what a script alone finds, and what the base install can do."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from stackdoc.laws.known import KnownLaw
from stackdoc.measure.launch import run_script
from stackdoc.measure.wire import LaunchOrder
from tests.made.laws import KV
from tests.made.repository import ROOT

LAWS = {"read": KnownLaw("bytes / bandwidth", ("bytes", "bandwidth"))}
HEADER = """\
# /// script
# dependencies = ["stackdoc"]
# [tool.stackdoc]
# title = "A law"
# data = ["docs/data/laws/kernels.yml"]
# ///
\"\"\"A law.\"\"\"
from stackdoc import example
ex = example()
"""


def written(root: Path, body: str) -> Path:
    (root / "docs/data/laws").mkdir(parents=True)
    (root / "docs/data/laws/kernels.yml").write_text(KV, "utf-8")
    path = root / "examples/kernels/one.py"
    path.parent.mkdir(parents=True)
    path.write_text(HEADER + body, "utf-8")
    return path


def test_a_prediction_that_is_a_law_bears_its_formula(tmp_path: Path) -> None:
    body = (
        'ex.predict("a", ex.law("read", bytes=2e9, bandwidth=1e9))\n'
        'ex.predict("b", 2 * ex.law("read", bytes=2e9, bandwidth=1e9), "twice")\n'
        'ex.measure("a", lambda: 1.0)\nex.measure("b", lambda: 1.0)\n'
    )
    result = run_script(LaunchOrder(str(written(tmp_path, body)), laws=LAWS))
    first, second = (point.prediction for point in result.points)
    assert first
    assert (first.seconds, first.formula) == (2.0, "read: bytes / bandwidth")
    assert type(first.seconds) is float
    assert second
    assert (second.seconds, second.formula) == (4.0, "twice")
    assert json.loads(json.dumps(result.to_json()))["points"][0]["prediction"]["seconds"] == 2.0


def test_a_law_that_the_launch_was_not_given_stops_it(tmp_path: Path) -> None:
    path = written(tmp_path, 'ex.law("kv", layers=1, bytes_per_number=2, tokens=3)\n')
    with pytest.raises(ValueError, match="unknown law 'kv'; name its file in data"):
        run_script(LaunchOrder(str(path), laws=LAWS))


def test_an_order_with_laws_survives_its_file() -> None:
    for laws in (LAWS, {}, None):
        order = LaunchOrder("/x.py", laws=laws)
        assert LaunchOrder.from_json(json.loads(json.dumps(order.to_json()))) == order


def test_a_script_alone_reads_the_laws_that_its_header_names(tmp_path: Path) -> None:
    path = written(tmp_path, 'print(ex.law("kv", layers=1, bytes_per_number=2, tokens=3))\n')
    ended = subprocess.run([sys.executable, str(path)], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[0] == "12.0"


def test_where_laws_cannot_be_read_a_script_alone_says_so(tmp_path: Path) -> None:
    path = written(tmp_path, 'ex.law("kv", layers=1, bytes_per_number=2, tokens=3)\n')
    code = f"import sys, runpy; sys.modules['yaml'] = None; sys.argv = [{str(path)!r}]; runpy.run_path({str(path)!r})"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "laws can't be read without yaml; `stackdoc measure` passes them in" in ended.stderr


def test_a_launch_that_was_given_its_laws_reads_nothing_but_the_standard_library(tmp_path: Path) -> None:
    path = written(tmp_path, 'ex.law("read", bytes=1, bandwidth=1)\nex.measure("a", lambda: 1.0)\n')
    code = (
        "import sys; sys.modules.update(dict.fromkeys(['yaml', 'pydantic', 'pint', 'packaging'])); "
        "from stackdoc.measure.launch import run_script; from stackdoc.measure.wire import LaunchOrder; "
        "from stackdoc.laws.known import KnownLaw; "
        f"laws = {{'read': KnownLaw('bytes / bandwidth', ('bytes', 'bandwidth'))}}; "
        f"print(len(run_script(LaunchOrder({str(path)!r}, laws=laws)).points))"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "1"


def test_without_pint_the_data_is_read_and_its_expressions_checked(tmp_path: Path) -> None:
    (tmp_path / "docs/data/laws").mkdir(parents=True)
    faulty = KV.replace("* tokens", "* token").replace("unit: token", "unit: nonsense")
    (tmp_path / "docs/data/laws/kernels.yml").write_text(faulty, "utf-8")
    code = (
        "import sys; sys.modules['pint'] = None; from pathlib import Path; from stackdoc.project import Layout; "
        "from stackdoc.stack.laws.read import read_laws; found = []; "
        "laws = read_laws(Layout(Path(sys.argv[1])), found); print(list(laws), *found, sep='\\n')"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    laws, *problems = ended.stdout.splitlines()
    assert laws == "['kv']"
    assert len(problems) == 2
    assert all("token" in problem for problem in problems)
