"""A record is of the files that its launches have seen, and of no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackdoc.plan.project import read_project
from stackdoc.project import LAUNCHES, Layout
from stackdoc.run.measuring import bring_up_to_date
from stackdoc.run.progress import Event, LaunchEnded
from stackdoc.run.result import ExampleResult
from tests.made.scripts import FAST, written

MEASURED = "from stackdoc import example\nex = example()\nex.measure('sum', lambda: sum(range(300)), n=300)\n"


def run(root: Path, body: str, **options: str) -> ExampleResult:
    written(root, "kernels/fixture", body, launches="1", **options)
    (result,) = bring_up_to_date(read_project(Layout(root)), limits=FAST).results
    return result


class Editor:
    """Edits a file as soon as so many launches have ended."""

    def __init__(self, path: Path, after: int) -> None:
        self.path, self.left = path, after

    def event(self, event: Event) -> None:
        self.left -= isinstance(event, LaunchEnded)
        if self.left == 0:
            self.path.write_text(self.path.read_text().replace("range(300)", "range(400)"))


@pytest.mark.case(45, 46)
@pytest.mark.parametrize("name", ["fixture", "helper"])
def test_what_is_edited_while_it_is_measured_is_no_record(tmp_path: Path, name: str) -> None:
    script = written(tmp_path, "kernels/fixture", f"import helper\n{MEASURED}", launches="3")
    script.with_name("helper.py").write_text("VALUE = range(300)\n")
    editor = Editor(script.with_name(f"{name}.py"), after=2)
    (result,) = bring_up_to_date(read_project(Layout(tmp_path)), limits=FAST, progress=editor).results
    edited = f"examples/kernels/{name}.py"
    assert str(result.outcome) == f"refused: changed while it was measured: {edited}; the next run measures it again"
    assert result.record is None
    assert not list((tmp_path / LAUNCHES).rglob("*.json"))
    (again,) = bring_up_to_date(read_project(Layout(tmp_path)), limits=FAST).results
    assert again.record is not None, again.outcome


READS = {
    "table.csv": "from pathlib import Path\nPath(__file__).with_name('table.csv').read_text()\n",
    "_plugin.py": "import importlib\nimportlib.import_module('_plugin')\n",
    "_hidden.py": "import os, sys\nopen(os.path.dirname(sys.argv[0]) + '/_hidden.py').close()\n",
}


@pytest.mark.case(46)
@pytest.mark.parametrize("name", READS)
def test_a_file_that_is_read_and_not_listed_joins_the_record(tmp_path: Path, name: str) -> None:
    path = f"examples/kernels/{name}"
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text("")
    for _ in range(2):  # the second finds the module compiled
        result = run(tmp_path, MEASURED + READS[name])
        assert result.record is not None, result.outcome
        assert path in dict(result.record.closure)
        (tmp_path / path).write_text("VALUE = 1\n")  # so it is stale, and runs again


def test_what_is_installed_written_or_hidden_need_not_be_declared(tmp_path: Path) -> None:
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache/model").write_text("")
    body = f"""
        import json, os, tempfile
        from pathlib import Path
        from stackdoc import example
        example().report("one", 1.0)
        Path("own.txt").write_text("mine")
        Path("own.txt").read_text()
        root = Path({str(tmp_path)!r})
        (root / "written.txt").write_text("x")
        (root / "written.txt").read_text()
        (root / ".cache/model").read_text()
        Path(json.__file__).read_text()
        os.listdir(root)
    """
    assert run(tmp_path, body).outcome.name == "ok"


@pytest.mark.case(89)
def test_what_cannot_be_followed_is_left_out_and_the_launch_goes_on(tmp_path: Path) -> None:
    body = """
        import os
        from stackdoc import example
        example().report("one", 1.0)
        os.symlink("loop", "loop")
        for name in ("loop", "loop/x", "a\\0b", "x" * 5000, "\\udcff", "/proc/1/cwd/x", "/proc/self/fd/999", ""):
            try:
                open(name)
            except (OSError, ValueError):
                pass
    """
    assert str(run(tmp_path, body).outcome) == "ok"


@pytest.mark.case(78)
def test_a_label_names_no_place_of_this_computer(tmp_path: Path) -> None:
    body = "from stackdoc import example\nexample().report('one', 1.0, label=f'one of {__file__}')\n"
    record = run(tmp_path, body).record
    assert record
    assert str(tmp_path) not in record.points[0].label
    assert record.points[0].label.endswith("examples/kernels/fixture.py")
