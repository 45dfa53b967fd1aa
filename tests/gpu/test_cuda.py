"""On a CUDA device: our figure against triton's, and what must be refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest
import torch

from stackdoc.measure.devices.accelerator import FLUSHED, AcceleratorClock
from stackdoc.measure.devices.clock import CpuClock
from stackdoc.measure.timer import BUDGETS, time_calls
from stackdoc.measure.wire import LaunchOrder
from stackdoc.run.process.limits import Limits
from stackdoc.statistics import sample
from tests.made.scripts import run_launch, written

pytestmark = [pytest.mark.gpu, pytest.mark.bar(7)]


def working_set(size: int) -> int:
    """Bytes of the two operands and the result of a product in 16 bits."""
    return 3 * 2 * size**2


def product(size: int) -> Callable[[], torch.Tensor]:
    a = torch.randn(size, size, device="cuda", dtype=torch.bfloat16)
    return lambda: a @ a


@pytest.mark.parametrize(("size", "cache"), [(2048, "cold"), (4096, "cold"), (8192, "cold"), (8192, "warm")])
def test_the_median_agrees_with_do_bench_within_three_percent(size: int, cache: str) -> None:
    testing = pytest.importorskip("triton.testing", reason="needs triton, which comes with torch for CUDA")
    if cache == "warm":  # triton empties the cache before every call, so what it holds must not matter
        assert working_set(size) >= FLUSHED * torch.cuda.get_device_properties().L2_cache_size
    call = product(size)
    ratios = []
    for _ in range(5):  # in turns, so that the clock of the device is the same for both
        ours = sample(time_calls(call, AcceleratorClock("cuda", cache), BUDGETS["quick"])).value
        ratios.append(ours * 1e3 / testing.do_bench(call, return_mode="median"))
    assert abs(median(ratios) - 1) <= 0.03, ratios


def test_the_host_alone_sees_less_than_the_device_does() -> None:
    call = product(8192)
    call()
    torch.cuda.synchronize()
    unsynchronised = min(CpuClock().block(call, 1).wall_ns for _ in range(5))
    torch.cuda.synchronize()
    assert sample(time_calls(call, AcceleratorClock("cuda"), BUDGETS["quick"])).value > 3e-9 * unsynchronised


def test_the_memory_of_a_product_is_that_of_its_result() -> None:
    call = product(4096)
    call()
    seen = AcceleratorClock("cuda").memory(call)
    assert seen.peak_bytes is not None
    assert seen.before_bytes is not None
    assert seen.peak_bytes - seen.before_bytes >= 4096 * 4096 * 2


def test_the_counter_of_energy_moves_or_says_why_not() -> None:
    counter = AcceleratorClock("cuda").energy_counter()
    assert isinstance(counter, str) or counter.read()[0] > 0


@pytest.mark.case(26)
def test_an_example_that_fills_the_device_is_out_of_memory(tmp_path: Path) -> None:
    path = written(tmp_path, "kernels/fills", "import torch\ntorch.empty(1 << 42, device='cuda')\n")
    end = run_launch(LaunchOrder(str(path), device="cuda"), Limits())
    assert str(end.outcome).startswith("out-of-memory: OutOfMemoryError: CUDA out of memory"), end.outcome
