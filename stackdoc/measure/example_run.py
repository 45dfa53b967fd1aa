"""What a script calls: its sizes, its measurements, its predictions, what it shows."""

from __future__ import annotations

import argparse
import atexit
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal, SupportsFloat, TypeVar

from stackdoc.errors import did_you_mean
from stackdoc.laws.known import KnownLaw, Lawful, value_of
from stackdoc.measure.checks import Refused, all_zero, is_finite, works_on_zeros
from stackdoc.measure.devices.clock import Clock, CpuClock
from stackdoc.measure.devices.energy import WINDOW_S, energy_of
from stackdoc.measure.outputs import to_output
from stackdoc.measure.timer import BUDGETS, time_calls
from stackdoc.measure.wire import LaunchOrder, LaunchResult
from stackdoc.model.record import Check, Energy, Launch, Output, Parameter, Point, Prediction, Ratio, Work, point_key
from stackdoc.statistics.roofs import Roofs
from stackdoc.statistics.samples import sample

T = TypeVar("T", bound=Parameter)
LONGEST_ENERGY_S = 20.0  # of one launch: a third of what a launch may take by default


@dataclass(frozen=True)
class Measured:
    """A point of this launch: `seconds` a call, the median of its clean blocks (of the one call where untimed)."""

    key: str
    seconds: float


class ExampleRun:
    """One launch of one script. Raises ValueError where the script contradicts itself."""

    def __init__(self, order: LaunchOrder) -> None:
        self.device = order.device
        self.threads = order.threads
        self.profile = order.profile
        self.quick = order.profile == "quick"
        self.roofs = order.roofs or Roofs()
        self.cell = -1  # number of the cell that runs, in a display launch
        self._order = order
        self._points: dict[str, Point] = {}
        self._ratios: dict[str, Ratio] = {}
        self._outputs: list[Output] = []
        self._predictions: dict[str, Prediction] = {}
        self._swept: set[str] = set()
        self._laws = order.laws
        self._energy_s = 0.0

    def sweep(self, name: str, values: Sequence[T], quick: Sequence[T] | None = None) -> Iterator[T]:
        """The values, or in a quick run those of `quick`, which are some of them."""
        if surplus := [value for value in quick or () if value not in values]:
            raise ValueError(f"sweep {name!r}: quick has {surplus}, which a full run has not")
        self._swept.add(name)
        return iter(values if quick is None or not self.quick else quick)

    def law(self, id: str, /, **symbols: float) -> Lawful:
        """What a law of the handbook's data gives: a float in SI base units (second, byte, FLOP), as its symbols are.

        The script's header names the law's file in `data`, so that a record is stale when the law changes. `.formula`
        is the law in words; a prediction that is the law's value itself bears it without being told. Raises ValueError
        for an unknown law, and for symbols that are not the law's own.
        """
        if self._laws is None:
            self._laws = _laws_of(self._order.path)
        return value_of(self._laws, id, symbols)

    def predict(self, name: str, seconds: float | None, formula: str = "", **parameters: Parameter) -> None:
        """Says before a point is measured how long it will take. Without roofs there is nothing to say (None).

        `formula` says in words what the seconds rest on; the value of a law (`ex.law`) brings its own.
        """
        key = point_key(name, _checked(parameters))
        if key in self._points:
            raise ValueError(f"{key} was measured before it was predicted")
        if seconds is not None:
            formula = formula or (seconds.formula if isinstance(seconds, Lawful) else "")
            self._predictions[key] = Prediction(float(seconds), formula)

    def measure(
        self,
        name: str,
        call: Callable[[], Any],
        *,
        work: Work | None = None,
        dtype: str = "",
        label: str = "",
        check: Callable[[Any], Check | bool] | None = None,
        cache: Literal["warm", "cold"] = "warm",
        inputs: Sequence[Any] | None = None,
        threads: int | None = None,
        **parameters: Parameter,
    ) -> Measured:
        """Checks the result of `call`, then times it.

        `work` is that of one call, `dtype` selects its roof and is a parameter too when it is swept. `check` takes
        the result; a failed one, a result that is not finite, and an input of nothing but zeros refuse the launch.
        Without `inputs` these are all arrays that `call` refers to, and one that is not zero suffices.
        `threads` is how many the call may use (default: those of the launch), and a parameter too when it is swept.
        """
        if dtype and "dtype" in self._swept:
            parameters["dtype"] = dtype
        if threads and "threads" in self._swept:
            parameters["threads"] = threads
        point = Point(name, _checked(parameters), "time", (), label, dtype=dtype, cache=cache, work=work)
        self._refuse_second(point.key)
        if any(map(all_zero, inputs or ())):
            raise Refused(f"{point.key}: an input is all zeros")
        clock = self._clock(threads or self.threads, cache)
        out, first_ns = clock.first(call)
        if inputs is None and works_on_zeros(call, out):
            raise Refused(f"{point.key}: all that it works on is zeros")
        checked = _check_result(point.key, out, check)
        del out
        if self._order.kind == "display":
            launch = Launch(self._order.index, _now(), 1, 0, (first_ns,))
            point = replace(point, memory=clock.memory(call), energy=self._energy(call, clock))
        else:
            budget, index = BUDGETS[self.profile], self._order.index
            launch = time_calls(call, clock, budget, index=index, started=_now(), first_ns=first_ns)
        self._points[point.key] = replace(
            point,
            launches=(launch,),
            clock=clock.name,
            check=checked,
            prediction=self._predictions.pop(point.key, None),
        )
        return Measured(point.key, sample(launch).value)

    def ratio(
        self, name: str, *, slow: Measured | str, fast: Measured | str, label: str = "", **parameters: Parameter
    ) -> None:
        """Two points of this script, one over the other; its interval comes from all launches."""
        ratio = Ratio(name, _checked(parameters), _key(slow), _key(fast), label)
        for key in (ratio.slow, ratio.fast):
            if key not in self._points:
                raise ValueError(f"ratio {ratio.key}: {key} was not measured; {did_you_mean(key, self._points)}")
        self._refuse_second(ratio.key)
        self._ratios[ratio.key] = ratio

    def report(
        self,
        name: str,
        value: float,
        *,
        unit: str = "",
        better: Literal["lower", "higher"] = "lower",
        label: str = "",
        **parameters: Parameter,
    ) -> None:
        """A number that is no timing of `measure`."""
        point = Point(name, _checked(parameters), "value", (), label, unit, better)
        self._refuse_second(point.key)
        if not isinstance(value, SupportsFloat) or isinstance(value, str) or not math.isfinite(value):
            raise Refused(f"{point.key}: the value is {value!r}")
        launch = Launch(self._order.index, _now(), value=float(value))
        self._points[point.key] = replace(point, launches=(launch,))

    def show(self, shown: Any, alt: str = "") -> None:
        """Puts text, a specification or a figure on the example's page. Timed launches show nothing."""
        if self._order.kind == "display":
            self._outputs.append(to_output(self.cell, shown, alt))

    def result(self) -> LaunchResult:
        """What was observed so far. Raises ValueError for a prediction of something that was never measured."""
        if self._predictions:
            unmet = sorted(self._predictions)[0]
            raise ValueError(f"{unmet} was predicted and never measured; {did_you_mean(unmet, self._points)}")
        points, ratios = tuple(self._points.values()), tuple(self._ratios.values())
        return LaunchResult(self._order.index, points, ratios, tuple(self._outputs))

    def _refuse_second(self, key: str) -> None:
        if key in self._points or key in self._ratios:
            raise ValueError(f"{key} is there already; give it another name or a parameter that tells them apart")

    def _energy(self, call: Callable[[], Any], clock: Clock) -> Energy:
        """In full runs, which have the time, for so many points as the launch can afford."""
        counter = clock.energy_counter()
        if isinstance(counter, str):
            return Energy(reason=counter)
        if self.quick:
            return Energy(counter.name, reason="a quick run takes no time for it")
        if self._energy_s >= LONGEST_ENERGY_S:
            return Energy(counter.name, reason=f"the launch had spent its {LONGEST_ENERGY_S:g} s for it")
        found = energy_of(call, clock.first(call)[1], counter, clock.synchronise, WINDOW_S)
        self._energy_s += found.seconds
        return found

    def _clock(self, threads: int, cache: str) -> Clock:
        """Of the device; torch, where the script has imported it, gets its threads."""
        if "torch" in sys.modules:
            sys.modules["torch"].set_num_threads(threads)
        if self.device != "cpu":
            from stackdoc.measure.devices.accelerator import AcceleratorClock

            return AcceleratorClock(self.device, cache)
        if cache != "warm":
            raise ValueError("a cold cache can be had on an accelerator alone")
        return CpuClock(threads)


current: ContextVar[ExampleRun | None] = ContextVar("current", default=None)


def example() -> ExampleRun:
    """The launch that runs this script; of a script run alone, one launch in this process with a table at its end.

    Alone it takes `--full`, `--device NAME` and `--threads N` from the command line.
    """
    run = current.get()
    if run is None:
        run = ExampleRun(_order_of_arguments(sys.argv))
        current.set(run)
        atexit.register(_print_table, run)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(run.threads)
    return run


def _order_of_arguments(arguments: Sequence[str]) -> LaunchOrder:
    parser = argparse.ArgumentParser(prog=arguments[0], description="Measure this example once, in this process.")
    parser.add_argument("--full", action="store_true", help="all sizes, not those of a quick run")
    parser.add_argument("--device", default="cpu", help="cpu, cuda, xpu or mps (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=1, help="threads a call may use (default: %(default)s)")
    given, _ = parser.parse_known_args(arguments[1:])
    profile: Literal["quick", "full"] = "full" if given.full else "quick"
    return LaunchOrder(arguments[0], given.device, profile, given.threads)


def _laws_of(script: str) -> Mapping[str, KnownLaw]:
    """Of a script that runs alone; an environment of another project's packages may lack what reads them."""
    try:
        from stackdoc.laws.read import laws_of_script
    except ModuleNotFoundError as error:
        raise ValueError(f"laws can't be read without {error.name}; `stackdoc measure` hands them over") from None
    return laws_of_script(script)


def _print_table(run: ExampleRun) -> None:
    from stackdoc.measure.table import print_table

    print_table(run.result())


def _check_result(key: str, out: Any, check: Callable[[Any], Check | bool] | None) -> Check | None:
    if not is_finite(out):
        raise Refused(f"{key}: the result is not finite")
    if check is None:
        return None
    checked = check(out)
    if not isinstance(checked, Check):
        checked = Check("the example's own check", 0.0 if checked else math.inf, 0.0)
    if not checked.ok:
        raise Refused(
            f"{key}: the result is wrong: error {checked.error:.2g} against {checked.against}, "
            f"tolerance {checked.tolerance:.2g}"
        )
    return checked


def _checked(parameters: dict[str, Parameter]) -> tuple[tuple[str, Parameter], ...]:
    """Sorted pairs. Raises ValueError for a value that has no plain JSON form."""
    for name, value in parameters.items():
        if not isinstance(value, int | float | str | bool):
            raise ValueError(f"parameter {name} is a {type(value).__name__}, not a number, text or truth value")
    return tuple(sorted(parameters.items()))


def _key(side: Measured | str) -> str:
    return side if isinstance(side, str) else side.key


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
