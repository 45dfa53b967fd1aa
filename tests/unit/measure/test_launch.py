"""What a script may do inside a launch."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import stackdoc
from stackdoc import Check, Work, example
from stackdoc.measure.example_run import ExampleRun
from stackdoc.measure.launch import run_script
from stackdoc.measure.wire import LaunchOrder, LaunchResult
from stackdoc.model.example import Cell
from stackdoc.statistics.roofs import Roofs
from tests.made.scripts import launch_here, script


@pytest.mark.parametrize("threads", [1, 2])
def test_a_point_holds_what_was_observed(tmp_path: Path, threads: int) -> None:
    body = """
        m = ex.measure("sum", lambda: sum(range(20000)), n=20000, work=Work(flop=20000), label="sum of a range",
                       check=lambda out: close(out, 199990000))
        assert m.seconds > 0
    """
    result = launch_here(tmp_path, body, index=3, threads=threads)
    (point,) = result.points
    assert (point.key, point.label, point.clock, point.cache) == ("sum;n=20000", "sum of a range", "wall", "warm")
    assert point.check == Check("reference", 0.0, 1e-5)
    (seen,) = point.launches
    assert seen.index == 3
    assert len(seen.wall_ns) == len(seen.cpu_ns) == len(seen.switches)
    # Pure Python on one thread keeps one CPU busy: all of the time that one thread may use, half of that of two.
    best = max(cpu / wall for cpu, wall in zip(seen.cpu_ns, seen.wall_ns, strict=True))
    assert best == pytest.approx(1 / threads, abs=0.1)


def test_a_cell_has_the_language_of_its_own_file(tmp_path: Path) -> None:
    source = "def grow(number: int) -> int: ...\nprint([kind is int for kind in grow.__annotations__.values()])"
    result = run_script(LaunchOrder(str(tmp_path / "x.py"), kind="display", cells=(Cell("code", source, 1),)))
    assert [output.data for output in result.outputs] == ["[True, True]\n"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('list(ex.sweep("n", [1, 2], quick=[3]))', r"quick has \[3\]"),
        ('ex.measure("a", int); ex.measure("a", int)', "duplicate a"),
        ('ex.measure("a", int); ex.predict("a", seconds=1.0)', "measured before it was predicted"),
        ('ex.predict("b", seconds=1.0)', "b was predicted and never measured"),
        ('a = ex.measure("abc", int); ex.ratio("r", slow=a, fast="abd")', "did you mean 'abc'"),
        ('ex.measure("a", int, n=[1])', "parameter n is a list"),
        ('ex.measure("a", int, cache="cold")', "cold cache"),
    ],
)
def test_a_script_that_contradicts_itself_is_told_so(tmp_path: Path, body: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        launch_here(tmp_path, body)


def test_what_the_script_raises_passes_through(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        launch_here(tmp_path, "1 / 0")


def test_quick_takes_some_of_the_sizes_and_without_roofs_nothing_is_predicted(tmp_path: Path) -> None:
    body = """
        for n in ex.sweep("n", [1, 2, 4], quick=[1, 4]):
            ex.predict("a", n=n, seconds=ex.roofs.time(flop=n))
            ex.report("a", n, n=n)
    """
    quick, full = (launch_here(tmp_path, body, profile=profile) for profile in ("quick", "full"))
    assert [point.key for point in quick.points] == ["a;n=1", "a;n=4"]
    assert [point.key for point in full.points] == ["a;n=1", "a;n=2", "a;n=4"]


def test_a_swept_dtype_is_a_parameter_and_a_stated_one_is_not(tmp_path: Path) -> None:
    body = """
        ex.measure("one", int, dtype="float32")
        for dtype in ex.sweep("dtype", ["float32", "float64"]):
            ex.measure("two", int, dtype=dtype)
    """
    keys = [(point.key, point.dtype) for point in launch_here(tmp_path, body).points]
    assert keys == [("one", "float32"), ("two;dtype=float32", "float32"), ("two;dtype=float64", "float64")]


def test_local_modules_are_found_and_the_process_is_as_before(tmp_path: Path) -> None:
    (tmp_path / "neighbour.py").write_text("VALUE = 7\n")
    before = sys.argv, list(sys.path), sys.modules["__main__"]
    result = launch_here(tmp_path, "import neighbour\nif __name__ == '__main__': ex.report('value', neighbour.VALUE)")
    sys.modules.pop("neighbour")
    assert result.points[0].launches[0].value == 7
    assert (sys.argv, sys.path, sys.modules["__main__"]) == before


def test_what_a_cell_imports_from_the_future_holds_for_the_later_ones(tmp_path: Path) -> None:
    cells = (
        Cell("code", "from __future__ import annotations\n\nfrom stackdoc import example\nex = example()", 1),
        Cell("code", "def later(one: NotThereYet) -> None: ...\nlater.__annotations__['one']", 5),
    )
    result = run_script(LaunchOrder(str(tmp_path / "x.py"), kind="display", cells=cells))
    assert [output.data for output in result.outputs] == ["NotThereYet"]


def test_cells_show_what_they_print_and_their_last_value(tmp_path: Path) -> None:
    cells = (
        Cell("code", "from stackdoc import example\nex = example()\nprint('hello')\n6 * 7", 1),
        Cell("markdown", "Some text.", 6),
        Cell("code", "calls = [0]\nex.measure('a', lambda: calls.__setitem__(0, calls[0] + 1))\nNone", 8),
        Cell(
            "code",
            "ex.show({'$schema': 'https://vega.github.io/schema/vega-lite/v5.json'}, alt='a figure')\ncalls[0]",
            12,
        ),
    )
    result = run_script(LaunchOrder(str(tmp_path / "x.py"), kind="display", cells=cells))
    shown = [(output.cell, output.mime, output.data) for output in result.outputs]
    assert shown[:2] == [(0, "text/plain", "hello\n"), (0, "text/plain", "42")]
    assert (3, "text/plain", "3") in shown  # untimed: for its result, to compare with the first call, for its memory
    figure = next(output for output in result.outputs if "vegalite" in output.mime)
    assert (figure.cell, figure.alt) == (3, "a figure")


def test_a_cell_that_fails_names_the_line_of_the_file(tmp_path: Path) -> None:
    cells = (Cell("code", "a = 1", 1), Cell("code", "\nb = 2\n1 / 0", 10))
    with pytest.raises(ZeroDivisionError) as caught:
        run_script(LaunchOrder(str(tmp_path / "x.py"), kind="display", cells=cells))
    assert caught.traceback[-1].lineno + 1 == 12


def test_alone_a_script_prints_a_table(tmp_path: Path) -> None:
    path = script(tmp_path, 'ex.measure("abc", lambda: sum(range(1000)), n=1)\nex.report("size", 2.5, unit="B")\n')
    done = subprocess.run((sys.executable, path), capture_output=True, text=True, check=True, timeout=60)
    assert "abc;n=1" in done.stdout
    assert "2.5 B" in done.stdout
    assert "One launch: no interval" in done.stdout


def test_alone_a_script_runs_where_only_the_standard_library_is(tmp_path: Path) -> None:
    path = script(tmp_path, 'ex.report("size", 2.5, unit="B")\n')
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    for name in ("rich", "numpy", "scipy", "pydantic", "yaml", "click", "psutil"):
        (hidden / f"{name}.py").write_text("raise ModuleNotFoundError(__name__)")
    environment = {**os.environ, "PYTHONPATH": f"{hidden}{os.pathsep}{Path(stackdoc.__file__).parent.parent}"}
    done = subprocess.run(
        (sys.executable, path), capture_output=True, text=True, check=True, timeout=60, env=environment
    )
    assert "2.5 B" in done.stdout, done.stderr


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = """
        import sys, stackdoc
        assert set(stackdoc.__all__) <= set(dir(stackdoc))
        heavy = {"torch", "yaml", "scipy", "pydantic", "numpy", "stackdoc.model.record"} & sys.modules.keys()
        assert not heavy, heavy
        from stackdoc import Check, Work, close, example
        heavy = {"torch", "yaml", "scipy", "pydantic", "numpy", "rich", "stackdoc.reading"} & sys.modules.keys()
        assert not heavy, heavy
        assert callable(example)
        assert stackdoc.__version__
    """
    subprocess.run((sys.executable, "-c", textwrap.dedent(code)), check=True, timeout=60)


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    import stackdoc

    with pytest.raises(AttributeError, match="no attribute 'exampel'"):
        _ = stackdoc.exampel


def test_a_script_sees_the_launch_it_runs_in(tmp_path: Path) -> None:
    result = launch_here(
        tmp_path, "assert (ex.device, ex.threads, ex.profile, ex.quick) == ('cpu', 1, 'full', False)", profile="full"
    )
    assert result == LaunchResult(0)
    assert isinstance(ExampleRun(LaunchOrder("x")).roofs, Roofs)
    assert callable(example)
    assert Work() == Work(0.0, 0.0)
