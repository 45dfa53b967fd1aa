"""What an example must come to: real launches of scripts that do, and that do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackdoc.errors import StackdocError
from stackdoc.examples.read import read_example
from stackdoc.plan.project import read_project
from stackdoc.project import Layout
from stackdoc.run.measuring import bring_up_to_date
from stackdoc.run.process.patterns import contains
from stackdoc.run.result import ExampleResult
from tests.made.scripts import FAST, written

MEASURED = "from stackdoc import example\nex = example()\nex.measure('sum', lambda: sum(range(300)), n=300)\n"
RAISES = "raise ValueError('shapes 2 and 3 differ')\n"


def expecting(root: Path, body: str, table: str) -> Path:
    path = written(root, "kernels/fixture", body, launches="1")
    lines = "".join(f"# {line}\n" for line in ["[tool.stackdoc.expect]", *table.split("; ")])
    text = path.read_text()
    head, _, rest = text.partition('# ///\n"""')
    path.write_text(f'{head}{lines}# ///\n"""{rest}')
    return path


def run(root: Path, body: str, table: str) -> ExampleResult:
    expecting(root, body, table)
    (result,) = bring_up_to_date(read_project(Layout(root)), limits=FAST).results
    return result


@pytest.mark.parametrize(
    ("body", "table", "last_line"),
    [
        (RAISES, "fails = 'ValueError'; message = 'shapes . and .'", "ValueError: shapes 2 and 3 differ\n"),
        ("import sys\nsys.exit(3)\n", "exit_code = 3", "exit code 3\n"),
        ("print('said')\n" + RAISES, "fails = 'ValueError'; never_prints = 'whispered'", "ValueError: shapes 2"),
        ("print('said')\n" + RAISES, "fails = 'ValueError'; prints = 'said'", "ValueError: shapes 2"),
    ],
)
def test_a_failure_that_was_expected_is_ok_and_shows_its_last_line(
    tmp_path: Path, body: str, table: str, last_line: str
) -> None:
    result = run(tmp_path, body, table)
    assert result.record is not None, result.outcome
    assert (result.outcome.name, result.launches, result.record.points) == ("ok", 1, ())
    (output,) = result.record.outputs
    assert output.data.startswith(last_line)
    assert "Traceback" not in output.data
    assert bring_up_to_date(read_project(Layout(tmp_path)), limits=FAST).results == ()  # and is fresh


@pytest.mark.parametrize(
    ("body", "table", "reason"),
    [
        (MEASURED, "fails = 'ValueError'", "expected ValueError, but it did not fail"),
        ("{}['x']", "fails = 'ValueError'", "expected ValueError, got KeyError: 'x'"),
        (RAISES, "fails = 'ValueError'; message = '^4'", "a message like '^4', got 'shapes 2 and 3 differ'"),
        ("import sys\nsys.exit(4)\n", "exit_code = 3", "expected exit code 3, got exit code 4"),
        (
            MEASURED + "print('loss 0.52')",
            "prints = 'loss 0.50'; tolerance = 1e-3",
            "expected to print 'loss 0.50' within 0.001, the nearest output is 'loss 0.52'",
        ),
        (MEASURED, "prints = 'loss'", "expected to print 'loss', but printed nothing similar"),
        (MEASURED + "print('nan')", "never_prints = 'nan|inf'", "printed 'nan', which it never should"),
        (
            "print('whispered')\n" + RAISES,
            "fails = 'ValueError'; never_prints = 'whispered'",
            "printed 'whispered', which it never should",
        ),
        ("import os\nos.abort()", "fails = 'ValueError'", "SIGABRT"),
    ],
)
def test_whatever_differs_is_told_in_one_line_and_is_no_record(
    tmp_path: Path, body: str, table: str, reason: str
) -> None:
    result = run(tmp_path, body, table)
    assert result.record is None
    assert result.outcome.counts_as_failure
    assert reason in result.outcome.reason
    assert "\n" not in result.outcome.reason


@pytest.mark.case(1)
@pytest.mark.case(81)
def test_a_pattern_that_takes_for_ever_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stackdoc.run.process.patterns.SECONDS", 1.0)
    result = run(tmp_path, MEASURED + "print('a' * 60)", "never_prints = '(a|a)*b$'")
    assert result.outcome.reason == "an expectation takes longer than 1 s to search for"


def test_an_example_that_prints_as_expected_has_figures_too(tmp_path: Path) -> None:
    result = run(tmp_path, MEASURED + "print('loss   0.5003')", "prints = 'loss 0.50'; tolerance = 1e-2")
    assert result.record is not None, result.outcome
    assert [point.key for point in result.record.points] == ["sum;n=300"]


@pytest.mark.parametrize(
    ("printed", "wanted", "tolerance", "found"),
    [
        ("step 1 loss 0.3", "step 1 loss 0.3", 0.0, True),
        ("step 1 loss 0.30", "step 1 loss 0.3", 0.0, True),
        ("loss 0.31\nloss 0.3001", "loss 0.3", 1e-2, True),
        ("loss -0.3", "loss 0.3", 0.5, False),
        ("a\n  b", "a b", 0.0, True),
        ("1.5e-3 s", "0.0015 s", 1e-9, True),
    ],
)
def test_numbers_are_compared_as_numbers(printed: str, wanted: str, tolerance: float, found: bool) -> None:
    assert contains(printed, wanted, tolerance) is found


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("fials = 'ValueError'", "unknown key 'fials'; did you mean 'fails'?"),
        ("fails = 'ValueError'; message = '('", "is no regular expression"),
        ("message = 'x'", "stands without fails"),
        ("fails = 'ValueError'; exit_code = 3", "stands beside fails"),
        ("tolerance = 0.1", "stands without prints"),
        ("prints = 'x'; tolerance = 7.0", "a share from 0 to 1 is expected"),
    ],
)
def test_an_expectation_that_means_nothing_is_refused(tmp_path: Path, table: str, problem: str) -> None:
    path = expecting(tmp_path, MEASURED, table)
    with pytest.raises(StackdocError) as caught:
        read_example(tmp_path, path.relative_to(tmp_path).as_posix())
    assert problem in str(caught.value)
