"""Asks a GPU what nobody can know without it, before anything is recorded on it: a minute, a JSON line an answer.

It is a plain script: `python tests/gpu/probe.py answers.jsonl`. A question that fails answers with its error, and one
that there is no time for says so. `--small` tries the script itself where there is no GPU.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

BEGUN = time.perf_counter()
DEVICE = "cuda"
MIB = 1 << 20
MULTIPLIED = 8192  # rows and columns of most products
MANY = 4000  # more launches than any queue takes

Answer = dict[str, Any]
Question = Callable[[bool], Iterator[Answer]]


def timed(call: Callable[[], object], calls: int = 20) -> dict[str, float]:
    """Seconds a call: on the device alone, of the host to ask for it, and until many in a row are done."""
    import torch

    for _ in range(3):
        call()
    torch.cuda.synchronize()
    torch.cuda._sleep(20_000_000)
    start, end = events()
    start.record()
    begun = time.perf_counter()
    for _ in range(calls):
        call()
    asked = time.perf_counter() - begun
    end.record()
    torch.cuda.synchronize()
    begun = time.perf_counter()
    for _ in range(calls):
        call()
    torch.cuda.synchronize()
    elapsed = time.perf_counter() - begun
    return {
        "device_s": start.elapsed_time(end) / 1e3 / calls,
        "asked_s": asked / calls,
        "elapsed_s": elapsed / calls,
    }


def events() -> tuple[Any, Any]:
    import torch

    return torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)


def normal(*shape: int, dtype: str = "float32") -> Any:
    import torch

    return torch.randn(*shape, device=DEVICE).to(getattr(torch, dtype))


def importing(small: bool) -> Iterator[Answer]:
    """How long torch takes to import, how many threads that leaves, and how long the first context takes."""
    del small
    begun = time.perf_counter()
    import torch

    threads = len(list(Path("/proc/self/task").iterdir())) if sys.platform == "linux" else 0
    yield {"torch": torch.__version__, "import_s": time.perf_counter() - begun, "threads": threads}
    begun = time.perf_counter()
    torch.cuda.synchronize()
    yield {"context_s": time.perf_counter() - begun}


def properties(small: bool) -> Iterator[Answer]:
    del small
    import torch

    found = torch.cuda.get_device_properties(0)
    names = ("name", "uuid", "L2_cache_size", "multi_processor_count", "total_memory")
    yield {"cuda": torch.version.cuda, **{name: str(getattr(found, name, "")) for name in names}}


def waiting_kernel(small: bool) -> Iterator[Answer]:
    """At which rate the kernel counts that the clock waits behind."""
    import torch

    cycles = 1_000_000 if small else 100_000_000
    start, end = events()
    start.record()
    torch.cuda._sleep(cycles)
    end.record()
    torch.cuda.synchronize()
    yield {"ghz": cycles / (start.elapsed_time(end) * 1e6)}


def event_gap(small: bool) -> Iterator[Answer]:
    """How far two events in a row are apart: the shortest time that a block can have."""
    del small
    import torch

    gaps = []
    for _ in range(50):
        start, end = events()
        torch.cuda._sleep(1_000_000)
        start.record()
        end.record()
        torch.cuda.synchronize()
        gaps.append(start.elapsed_time(end) / 1e3)
    yield {"gap_s": median(gaps)}


def queue_depth(small: bool) -> Iterator[Answer]:
    """How many launches the queue takes before the host has to wait, and what each costs the host."""
    del small
    import torch

    one = normal(1)
    torch.cuda._sleep(400_000_000)
    costs: list[float] = []
    while len(costs) < MANY and max(costs[1:], default=0.0) < 2e-3:
        begun = time.perf_counter()
        torch.add(one, one, out=one)
        costs.append(time.perf_counter() - begun)
    torch.cuda.synchronize()
    yield {"launches": len(costs), "launch_s": median(costs)}


def dispatch(small: bool) -> Iterator[Answer]:
    """One addition, two hundred of them, and the same as a captured graph."""
    del small
    import torch

    one = normal(1)

    def chain() -> Any:
        out = one
        for _ in range(200):
            out = torch.add(out, one)
        return out

    yield {"call": "one addition", **timed(lambda: torch.add(one, one), 400)}
    yield {"call": "200 additions", **timed(chain, 4)}
    side = torch.cuda.Stream()
    with torch.cuda.stream(side):
        chain()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        chain()
    yield {"call": "200 additions, captured", **timed(graph.replay, 10)}


def fresh_launch(small: bool) -> Iterator[Answer]:
    """Seconds from the start of a process to the end of its first product."""
    del small
    code = "import torch; x = torch.randn(64, 64, device='cuda'); (x @ x).sum().item()"
    begun = time.perf_counter()
    subprocess.run((sys.executable, "-c", code), check=True, timeout=60)
    yield {"seconds": time.perf_counter() - begun}


FORKS = """
import json, os, sys, time, torch
from stackdoc.run.process.confinement import confine
for _ in range(3):
    begun = time.perf_counter()
    if os.fork() == 0:
        said = confine(False)
        x = torch.randn(64, 64, device="cuda")
        (x @ x).sum().item()
        print(json.dumps({"seconds": time.perf_counter() - begun, "not_confined": said}), flush=True)
        os._exit(0)
    if os.wait()[1]:
        sys.exit("a fork could not use the device")
"""


def forked_launches(small: bool) -> Iterator[Answer]:
    """The same as forks of a process that has imported torch, without a network. Needs stackdoc on the path."""
    del small
    done = subprocess.run((sys.executable, "-c", FORKS), capture_output=True, text=True, timeout=90, check=False)
    yield from map(json.loads, done.stdout.splitlines())
    if done.returncode:
        raise RuntimeError(done.stderr.strip()[-300:])


def management_library(small: bool) -> Iterator[Answer]:
    """What NVIDIA's library says during seconds of products: energy, power, clocks, why they were lowered."""
    import pynvml
    import torch

    pynvml.nvmlInit()
    device = pynvml.nvmlDeviceGetHandleByUUID(f"GPU-{torch.cuda.get_device_properties(0).uuid}")
    a = normal(*[512 if small else MULTIPLIED] * 2, dtype="bfloat16")
    clocks, watts, reasons = [], [], 0
    energy_mj, begun = pynvml.nvmlDeviceGetTotalEnergyConsumption(device), time.perf_counter()
    while (seconds := time.perf_counter() - begun) < 3:
        for _ in range(20):
            a @ a
        torch.cuda.synchronize()
        clocks.append(pynvml.nvmlDeviceGetClockInfo(device, pynvml.NVML_CLOCK_SM))
        watts.append(pynvml.nvmlDeviceGetPowerUsage(device) / 1e3)
        reasons |= pynvml.nvmlDeviceGetCurrentClocksEventReasons(device)
    joules = (pynvml.nvmlDeviceGetTotalEnergyConsumption(device) - energy_mj) / 1e3
    yield {"joules": joules, "seconds": seconds, "watts": [min(watts), max(watts)], "reasons": hex(reasons)}
    highest = pynvml.nvmlDeviceGetMaxClockInfo(device, pynvml.NVML_CLOCK_SM)
    yield {"sm_clock_mhz": [min(clocks), median(clocks), max(clocks)], "highest_mhz": highest}
    yield {"power_limit_w": pynvml.nvmlDeviceGetEnforcedPowerLimit(device) / 1e3}


def streams(small: bool) -> Iterator[Answer]:
    """Triad, copy and read by working set: from which size on it is memory and no cache."""
    import torch

    for mebibytes in (8,) if small else (24, 48, 96, 192, 384, 768, 1536, 4096, 12288):
        count = mebibytes * MIB // 12
        b, c, out = (normal(MIB).repeat(-(-count // MIB))[:count] for _ in range(3))
        ways: dict[str, tuple[int, Callable[[], object]]] = {
            "triad": (12, partial(torch.add, b, c, alpha=3.0, out=out)),
            "copy": (8, partial(out.copy_, b)),
            "read": (4, b.sum),
        }
        rates = {way: size * count / timed(call)["device_s"] for way, (size, call) in ways.items()}
        yield {"bytes": mebibytes * MIB, **{f"{way}_byte_s": rate for way, rate in rates.items()}}


def products(small: bool) -> Iterator[Answer]:
    """The rate of products by format and size."""
    import torch

    for n in (256,) if small else (4096, 8192, 16384):
        for dtype in ("bfloat16", "float16", "tf32", "float32", "float64"):
            if n > MULTIPLIED and dtype in ("float32", "float64"):
                continue  # a call would take seconds
            torch.backends.cuda.matmul.allow_tf32 = dtype == "tf32"
            a, b = (normal(n, n, dtype="float32" if dtype == "tf32" else dtype) for _ in range(2))
            yield {"dtype": dtype, "n": n, **rate_of(n, partial(torch.mm, a, b))}
    torch.backends.cuda.matmul.allow_tf32 = False


def rate_of(n: int, multiply: Callable[[], object]) -> dict[str, float]:
    return {"flop_s": 2 * n**3 / timed(multiply, 10)["device_s"]}


def eight_bit_products(small: bool) -> Iterator[Answer]:
    """Integers by the layout of the right-hand matrix, and floating point of eight bits."""
    import torch

    n = 256 if small else MULTIPLIED
    a, b = (torch.randint(-127, 127, (n, n), device=DEVICE, dtype=torch.int8) for _ in range(2))
    for layout, right in {"by row": b, "by column": b.t().contiguous().t()}.items():
        yield {"dtype": "int8", "n": n, "right": layout, **rate_of(n, partial(torch._int_mm, a, right))}
    one = torch.ones((), device=DEVICE)
    left, right = normal(n, n, dtype="float8_e4m3fn"), normal(n, n, dtype="float8_e4m3fn").t()
    rate = rate_of(n, lambda: torch._scaled_mm(left, right, one, one, out_dtype=torch.bfloat16))
    yield {"dtype": "float8_e4m3fn", "n": n, **rate}


def attention(small: bool) -> Iterator[Answer]:
    """The rate of fused attention by format, length and kernel; 16 heads of 128 numbers."""
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.nn.functional import scaled_dot_product_attention

    for dtype, length, kernel in (
        ("float32", 4096, "EFFICIENT_ATTENTION"),
        ("bfloat16", 4096, "FLASH_ATTENTION"),
        ("bfloat16", 16384, "FLASH_ATTENTION"),
        ("bfloat16", 16384, "CUDNN_ATTENTION"),
    ):
        rows = 256 if small else length
        q, k, v = (normal(1, 16, rows, 128, dtype=dtype) for _ in range(3))
        described = {"dtype": dtype, "length": rows, "kernel": kernel}
        try:
            with sdpa_kernel([getattr(SDPBackend, kernel)]):
                seconds = timed(partial(scaled_dot_product_attention, q, k, v), 5)["device_s"]
            yield {**described, "flop_s": 4 * 16 * rows**2 * 128 / seconds}
        except RuntimeError as error:
            yield {**described, "error": str(error)[:120]}


def checking(small: bool) -> Iterator[Answer]:
    """Seconds of a check against a reference in double precision, on the host and on the device."""
    a = normal(*[512 if small else MULTIPLIED] * 2)
    exact = a.double()
    for place in ("cpu", DEVICE):
        begun = time.perf_counter()
        float((a.to(place).double() - exact.to(place)).abs().max())
        yield {"place": place, "seconds": time.perf_counter() - begun}


QUESTIONS: tuple[Question, ...] = (
    *(importing, properties, waiting_kernel, event_gap, queue_depth, dispatch, fresh_launch, forked_launches),
    *(management_library, streams, products, eight_bit_products, attention, checking),
)


def answers(question: Question, small: bool, seconds: float) -> Iterator[Answer]:
    """Those of one question; its error where it fails."""
    if time.perf_counter() - BEGUN > seconds:
        yield {"left_out": f"{seconds:g} s had passed"}
        return
    try:
        yield from question(small)
    except Exception as error:  # what a driver may raise is not known; the next question is asked all the same
        yield {"error": f"{type(error).__name__}: {error}"[:300]}


def main() -> None:
    names = [question.__name__ for question in QUESTIONS]
    parser = argparse.ArgumentParser(description="Ask a GPU what nobody can know without it.")
    parser.add_argument("file", type=Path, help="where the answers go, a JSON line each")
    parser.add_argument("questions", nargs="*", metavar="QUESTION", help=f"these alone: {', '.join(names)}")
    parser.add_argument("--seconds", type=float, default=75.0, help="no question after that (default: %(default)g)")
    parser.add_argument("--small", action="store_true", help="small sizes, to try the script without a GPU")
    given = parser.parse_args()
    if unknown := set(given.questions) - set(names):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; the questions are {', '.join(names)}")
    with given.file.open("w", encoding="utf-8", buffering=1) as file:
        for question in QUESTIONS:
            if given.questions and question.__name__ not in given.questions:
                continue
            for answer in answers(question, given.small, given.seconds):
                at = round(time.perf_counter() - BEGUN, 2)
                line = json.dumps({"question": question.__name__, "at_s": at, **answer})
                print(line, flush=True)
                file.write(f"{line}\n")


if __name__ == "__main__":
    main()
