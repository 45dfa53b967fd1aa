"""The controls of a run: four fixed workloads that show how fast the machine was in each round.

They need only NumPy, always work on the same numbers, and are timed like the points of examples. A change to what
they compute must increase PROGRAM: controls of different programs are not compared.

The arrays of the triad are as small as possible. Between processes its time differs by 15 % with arrays of 8 MiB,
depending on where their pages are, but by 4 % with 2 MiB. What remains is the share of the cache that other processes
take.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from typing import Any

from stackdoc.measure.devices.clock import CpuClock
from stackdoc.measure.timer import MILLISECOND, Budget, time_calls, timestamp
from stackdoc.measure.wire import LaunchOrder, LaunchResult
from stackdoc.model.record import ControlName, Point, Work

PROGRAM = "controls/1"
BUDGET = Budget(warm_ns=3 * MILLISECOND, measure_ns=5 * MILLISECOND, enough=5)  # ends after 15 ms, ten blocks
SIDE = 256  # of the square matrices: 33.6 MFLOP a product, within the caches of a core
TRIAD = 1 << 18  # numbers of 8 bytes in each of three arrays of 2 MiB, which exceed the caches of a core
STEPS = 2000  # of the interpreter's loop
ADDITIONS = 100  # each of one number, so that the time is that of dispatch


def run_controls(order: LaunchOrder) -> LaunchResult:
    """Time each control once; the index of the launch is that of the round."""
    clock = CpuClock(order.threads)
    points = []
    for name, make in CONTROLS.items():
        call = make()
        launch = time_calls(call, clock, BUDGET, index=order.index, started=timestamp())
        points.append(Point(name, (), "time", (launch,), label=made_with(), work=WORK.get(name)))
    return LaunchResult(order.index, tuple(points))


def made_with() -> str:
    """Return the version of the controls and the software that they run on."""
    import numpy

    return f"{PROGRAM}, Python {platform.python_version()}, NumPy {numpy.__version__}"


def _product() -> Callable[[], Any]:
    import numpy

    draw = numpy.random.default_rng(1)
    a, b = (draw.standard_normal((SIDE, SIDE), dtype=numpy.float32) for _ in range(2))
    out = numpy.empty_like(a)
    return lambda: numpy.matmul(a, b, out=out)


def _triad() -> Callable[[], Any]:
    import numpy

    a, b, c = (numpy.full(TRIAD, number) for number in (1.0, 2.0, 3.0))

    def triad() -> None:
        numpy.multiply(c, 1.5, out=a)
        numpy.add(a, b, out=a)

    return triad


def _interpreter() -> Callable[[], Any]:
    def loop() -> int:
        total = 0
        for step in range(STEPS):
            total = (total + step * step) & 0xFFFF
        return total

    return loop


def _dispatch() -> Callable[[], Any]:
    import numpy

    number, out = numpy.ones(1), numpy.ones(1)

    def add() -> None:
        for _ in range(ADDITIONS):
            numpy.add(number, number, out=out)

    return add


CONTROLS: dict[ControlName, Callable[[], Callable[[], Any]]] = {
    "product": _product,
    "triad": _triad,
    "interpreter": _interpreter,
    "dispatch": _dispatch,
}
WORK: dict[ControlName, Work] = {
    "product": Work(flop=2 * SIDE**3, bytes=3 * 4 * SIDE**2),
    "triad": Work(flop=2 * TRIAD, bytes=3 * 8 * TRIAD),
}
