"""What a script may do inside a launch, and what a launch hands back."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
import textwrap
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import numpy
import pytest

import stackdoc
from stackdoc import Check, Work, close, example
from stackdoc.measure.example_run import ExampleRun
from stackdoc.measure.launch import run_script
from stackdoc.measure.outputs import to_output
from stackdoc.measure.timer import Budget, time_calls
from stackdoc.measure.wire import LaunchOrder, LaunchResult
from stackdoc.model.example import Cell
from stackdoc.reading.decode import adapter
from stackdoc.statistics import sample
from stackdoc.statistics.roofs import Roofs
from tests.made.clock import FakeClock

MS = 1_000_000
BUDGET = Budget(warm_ns=10 * MS, measure_ns=100 * MS)
ROOFS = Roofs(rates=(("float32", 1e11),), bandwidths=((1000, 5e10), (100_000, 2e10)), dispatch=1e-6)


def script(tmp_path: Path, body: str) -> str:
    path = tmp_path / "script.py"
    path.write_text("from stackdoc import Check, Work, close, example\nex = example()\n" + textwrap.dedent(body))
    return str(path)


def launch(tmp_path: Path, body: str, **order: Any) -> LaunchResult:
    return run_script(LaunchOrder(script(tmp_path, body), **order))  # type: ignore[arg-type]


def test_blocks_of_short_calls_stay_below_a_slice_of_the_scheduler() -> None:
    seen = time_calls(lambda: None, FakeClock(lambda: 2000.0), BUDGET)
    assert MS <= seen.wall_ns[0] <= 2 * MS
    assert seen.wall_ns[0] == seen.calls * 2000
    assert len(seen.wall_ns) >= 20


def test_enough_clean_blocks_end_a_point() -> None:
    long = Budget(warm_ns=10 * MS, measure_ns=1000 * MS)
    short = Budget(warm_ns=10 * MS, measure_ns=1000 * MS, enough=30)
    assert len(time_calls(lambda: None, FakeClock(lambda: 2000.0), short).wall_ns) == 30
    assert len(time_calls(lambda: None, FakeClock(lambda: 2000.0), long).wall_ns) == 40
    assert len(time_calls(lambda: None, FakeClock(lambda: 2000.0, switches=1), long).wall_ns) > 600


def test_a_long_call_is_a_block_of_its_own() -> None:
    seen = time_calls(lambda: None, FakeClock(lambda: 7.0 * MS), BUDGET)
    assert seen.calls == 1
    assert sum(seen.wall_ns) >= 20 * 7 * MS  # more than its budget, for the sake of 20 blocks


def test_a_call_longer_than_all_patience_is_timed_once() -> None:
    seen = time_calls(lambda: None, FakeClock(lambda: 900.0 * MS), BUDGET, first_ns=900 * MS)
    assert seen.wall_ns == (900 * MS,)
    assert seen.warmup_calls == 1


def test_a_disturbed_point_takes_longer_in_search_of_clean_blocks_but_not_for_ever() -> None:
    calm = time_calls(lambda: None, FakeClock(lambda: 2.0 * MS), BUDGET)
    disturbed = time_calls(lambda: None, FakeClock(lambda: 2.0 * MS, share=0.5), BUDGET)
    assert len(calm.wall_ns) == 40
    assert len(disturbed.wall_ns) == 150
    assert sample(calm).counts
    assert not sample(disturbed).counts


@pytest.mark.case(27)
def test_the_warm_up_is_in_no_block() -> None:
    costs = chain(repeat(20.0 * MS, 2), repeat(1.0 * MS))
    seen = time_calls(lambda: None, FakeClock(lambda: next(costs)), BUDGET, first_ns=20 * MS)
    assert max(seen.wall_ns) <= 2 * MS


@pytest.mark.parametrize("threads", [1, 2])
def test_a_point_holds_what_was_observed(tmp_path: Path, threads: int) -> None:
    body = """
        m = ex.measure("sum", lambda: sum(range(20000)), n=20000, work=Work(flop=20000), label="sum of a range",
                       check=lambda out: close(out, 199990000))
        assert m.seconds > 0
    """
    result = launch(tmp_path, body, index=3, threads=threads)
    (point,) = result.points
    assert (point.key, point.label, point.clock, point.cache) == ("sum;n=20000", "sum of a range", "wall", "warm")
    assert point.check == Check("reference", 0.0, 1e-5)
    (seen,) = point.launches
    assert seen.index == 3
    assert len(seen.wall_ns) == len(seen.cpu_ns) == len(seen.switches)
    # Pure Python on one thread keeps one CPU busy: all of the time that one thread may use, half of that of two.
    best = max(cpu / wall for cpu, wall in zip(seen.cpu_ns, seen.wall_ns, strict=True))
    assert best == pytest.approx(1 / threads, abs=0.1)


def test_the_directory_of_a_launch_does_not_stand_in_what_it_shows() -> None:
    shown = f"read {tempfile.gettempdir()}/orders"
    assert to_output(1, shown).data == "read $TMPDIR/orders"


def test_where_an_object_lay_in_memory_is_not_recorded() -> None:
    assert to_output(1, [object]).data == "[<class 'object'>]"
    assert to_output(1, {"maker": object()}).data == "{'maker': <object object at 0x…>}"


def test_a_last_expression_that_says_nothing_is_not_shown(tmp_path: Path) -> None:
    """What `measure` returns is one unrepeated call; what an object has no words for is where it lies."""
    cells = (
        Cell("code", "from stackdoc import example\nex = example()\nex.measure('a', lambda: 1)", 1),
        Cell("code", "[ex.measure(name, lambda: 1) for name in 'bc']", 4),
        Cell("code", "[object(), (letter for letter in 'd')]", 5),
        Cell("code", "print(ex.measure('e', lambda: 1))", 6),
        Cell("code", "[object(), 'kept']", 7),
    )
    result = run_script(LaunchOrder(str(tmp_path / "x.py"), kind="display", cells=cells))
    assert [output.cell for output in result.outputs] == [3, 4]
    assert result.outputs[0].data.startswith("Measured(key='e', seconds=")
    assert result.outputs[1].data == "[<object object at 0x…>, 'kept']"


def test_a_result_survives_its_file(tmp_path: Path) -> None:
    body = """
        ex.predict("a", seconds=ex.roofs.time(flop=1e6), formula="flop / roof", n=1)
        a = ex.measure("a", lambda: 1.0, n=1, work=Work(flop=1e6, bytes=10), dtype="float32", check=lambda out: out)
        ex.report("size", 12, unit="B")
        ex.ratio("self", slow=a, fast="a;n=1")
    """
    result = launch(tmp_path, body, roofs=ROOFS)
    assert adapter(LaunchResult).validate_json(json.dumps(result.to_json()), strict=True) == result
    assert result.points[0].prediction is not None
    assert result.points[0].prediction.seconds == pytest.approx(1e-5)


def test_a_cell_has_the_language_of_its_own_file(tmp_path: Path) -> None:
    source = "def grow(number: int) -> int: ...\nprint([kind is int for kind in grow.__annotations__.values()])"
    result = run_script(LaunchOrder(str(tmp_path / "x.py"), kind="display", cells=(Cell("code", source, 1),)))
    assert [output.data for output in result.outputs] == ["[True, True]\n"]


def test_an_order_survives_its_file() -> None:
    order = LaunchOrder("/x.py", roofs=ROOFS, kind="display", cells=(Cell("code", "1 + 1", 3),))
    assert LaunchOrder.from_json(json.loads(json.dumps(order.to_json()))) == order


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('ex.measure("a", lambda: 2.0, check=lambda out: close(out, 2.1, rtol=1e-3))', "error 0.048 against reference"),
        ('ex.measure("a", lambda: 2.0, check=lambda out: False)', "the result is wrong"),
        ('ex.measure("a", lambda: [1.0, float("nan")])', "a: the result is not finite"),
        ('import numpy; ex.measure("a", lambda: numpy.array([1.0, numpy.inf]))', "a: the result is not finite"),
        ('import torch; ex.measure("a", lambda: torch.tensor([0.0]) / 0)', "a: the result is not finite"),
        ('import numpy; ex.measure("a", lambda: 1, inputs=(numpy.zeros(4),))', "a: an input is all zeros"),
        ('import numpy; x = numpy.zeros((3, 4)); ex.measure("a", lambda: x @ x.T)', "a: all its inputs are zeros"),
        (
            'import torch; x = torch.zeros(9); ex.measure("a", lambda y=[x]: torch.exp(y[0]))',
            "all its inputs are zeros",
        ),
        ('ex.report("a", float("inf"))', "a: the value is inf"),
    ],
)
def test_no_figure_is_made_of_a_wrong_result(tmp_path: Path, body: str, reason: str) -> None:
    result = launch(tmp_path, body)
    assert len(result.refusals) == 1
    assert reason in result.refusals[0]
    assert not result.points


@pytest.mark.parametrize(
    "body",
    [
        "x, total = numpy.ones(9), numpy.zeros(9); ex.measure('a', lambda: numpy.add(total, x))",
        "out = numpy.zeros(9); ex.measure('a', lambda: numpy.multiply(3.0, 0.0, out=out))",
        "x = torch.zeros(9); ex.measure('a', lambda: x.zero_())",
        "x = torch.zeros(9); ex.measure('a', lambda: x + x, inputs=())",
        "x = torch.zeros(9, device='meta'); ex.measure('a', lambda: x.shape[0])",
        "x = torch.zeros(9).to_sparse(); ex.measure('a', lambda: x.shape[0])",
        "x = torch.zeros(9, dtype=torch.int64); ex.measure('a', lambda: x + x)",
        "ex.measure('a', lambda: torch.zeros(9))",
    ],
)
def test_a_buffer_of_zeros_is_no_input(tmp_path: Path, body: str) -> None:
    result = launch(tmp_path, f"import numpy, torch\n{body}\n")
    assert result.refusals == ()


def test_the_check_comes_before_the_timing(tmp_path: Path) -> None:
    body = """
        calls = []
        def call():
            calls.append(1)
            assert len(calls) == 1, "timed before the check"
            return 1
        ex.measure("a", call, check=lambda out: False)
    """
    assert launch(tmp_path, body).refusals


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
        launch(tmp_path, body)


def test_what_the_script_raises_passes_through(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        launch(tmp_path, "1 / 0")


def test_quick_takes_some_of_the_sizes_and_without_roofs_nothing_is_predicted(tmp_path: Path) -> None:
    body = """
        for n in ex.sweep("n", [1, 2, 4], quick=[1, 4]):
            ex.predict("a", n=n, seconds=ex.roofs.time(flop=n))
            ex.report("a", n, n=n)
    """
    quick, full = (launch(tmp_path, body, profile=profile) for profile in ("quick", "full"))
    assert [point.key for point in quick.points] == ["a;n=1", "a;n=4"]
    assert [point.key for point in full.points] == ["a;n=1", "a;n=2", "a;n=4"]


def test_a_swept_dtype_is_a_parameter_and_a_stated_one_is_not(tmp_path: Path) -> None:
    body = """
        ex.measure("one", int, dtype="float32")
        for dtype in ex.sweep("dtype", ["float32", "float64"]):
            ex.measure("two", int, dtype=dtype)
    """
    keys = [(point.key, point.dtype) for point in launch(tmp_path, body).points]
    assert keys == [("one", "float32"), ("two;dtype=float32", "float32"), ("two;dtype=float64", "float64")]


def test_local_modules_are_found_and_the_process_is_as_before(tmp_path: Path) -> None:
    (tmp_path / "neighbour.py").write_text("VALUE = 7\n")
    before = sys.argv, list(sys.path), sys.modules["__main__"]
    result = launch(tmp_path, "import neighbour\nif __name__ == '__main__': ex.report('value', neighbour.VALUE)")
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
        Cell("code", "calls = []\nex.measure('a', lambda: calls.append(1))\nNone", 8),
        Cell(
            "code",
            "ex.show({'$schema': 'https://vega.github.io/schema/vega-lite/v5.json'}, alt='a figure')\nlen(calls)",
            12,
        ),
    )
    result = run_script(LaunchOrder(str(tmp_path / "x.py"), kind="display", cells=cells))
    shown = [(output.cell, output.mime, output.data) for output in result.outputs]
    assert shown[:2] == [(0, "text/plain", "hello\n"), (0, "text/plain", "42")]
    assert (3, "text/plain", "2") in shown  # untimed: once for its result, once for its memory
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
        _ = stackdoc.exampel  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("out", "reference", "error"),
    [
        ([1.0, 2.0], [1.0, 2.0], 0.0),
        ([1.0, 2.2], [1.0, 2.0], 0.1),
        (numpy.array([1.0, 2.2]), [1.0, 2.0], 0.1),
        ([1.0], [1.0, 2.0], math.inf),
        (numpy.zeros((2, 1)), numpy.zeros(2), math.inf),
        (math.nan, 1.0, math.inf),
        (numpy.array([math.nan]), numpy.array([1.0]), math.inf),
        (0.5, 0.0, 0.5),
    ],
)
def test_the_error_is_the_largest_difference_over_the_largest_magnitude(
    out: object, reference: object, error: float
) -> None:
    assert close(out, reference).error == pytest.approx(error)


def test_tensors_are_compared_in_double_precision() -> None:
    import torch

    assert close(torch.tensor([1.0, 2.0], dtype=torch.bfloat16), torch.tensor([1.0, 2.0])).ok
    assert not close(torch.tensor([1.0, 2.1]), torch.tensor([1.0, 2.0], dtype=torch.float64), rtol=1e-3).ok


def test_a_script_sees_the_launch_it_runs_in(tmp_path: Path) -> None:
    result = launch(
        tmp_path, "assert (ex.device, ex.threads, ex.profile, ex.quick) == ('cpu', 1, 'full', False)", profile="full"
    )
    assert result == LaunchResult(0)
    assert isinstance(ExampleRun(LaunchOrder("x")).roofs, Roofs)
    assert callable(example)
    assert Work() == Work(0.0, 0.0)
