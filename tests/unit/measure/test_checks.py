"""No figure without a right result."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace

import numpy
import pytest

from stackdoc import close
from stackdoc.measure import checks
from tests.made.scripts import launch_here


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
    result = launch_here(tmp_path, body)
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
    result = launch_here(tmp_path, f"import numpy, torch\n{body}\n")
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
    assert launch_here(tmp_path, body).refusals


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


class Tensor:
    """Numbers on a device that notes where they go, in place of one on an accelerator."""

    def __init__(self, device: str, double: bool) -> None:
        self.device = SimpleNamespace(type=device)
        self.double = double
        self.went: list[object] = []

    def detach(self) -> Tensor:
        return self

    def to(self, *places: object) -> Tensor:
        import torch

        if torch.float64 in places and not self.double:
            raise TypeError("Cannot convert a MPS Tensor to float64 dtype")
        self.went += [getattr(place, "type", place) for place in places]
        return self


@pytest.mark.parametrize(
    ("out", "reference", "place", "double"),
    [("cuda", "cpu", "cuda", True), ("cpu", "cuda", "cuda", True), ("mps", "cpu", "mps", False)],
)
def test_tensors_are_compared_on_the_device(
    out: str, reference: str, place: str, double: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.setattr(torch, "as_tensor", lambda side: side)
    sides = Tensor(out, double), Tensor(reference, double)
    assert checks._in_one_place(*sides) == sides
    assert [side.went for side in sides] == [[place, torch.float64 if double else torch.float32]] * 2


@pytest.mark.parametrize(
    ("dtype", "tolerance"),
    [("bfloat16", 1.6e-2), ("float16", 1e-3), ("float32", 1e-5), ("float64", 1e-5), ("float8_e5m2", 0.25)],
)
def test_without_a_tolerance_it_is_that_of_the_number_format(dtype: str, tolerance: float) -> None:
    import torch

    out = torch.ones(2).to(getattr(torch, dtype))
    check = close(out, torch.ones(2))
    assert (check.error, check.tolerance) == (0.0, tolerance)
    assert close([1.0], [1.0]).tolerance == 1e-5
    assert close(out, torch.ones(2), rtol=0.5).tolerance == 0.5
