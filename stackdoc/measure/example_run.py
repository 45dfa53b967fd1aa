"""The API that an example's script calls: sweeps, measurements, predictions and outputs."""

from __future__ import annotations

import argparse
import atexit
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, Literal, SupportsFloat, TypeVar

from stackdoc.errors import did_you_mean
from stackdoc.laws.known import KnownLaw, LawValue, law_value
from stackdoc.machine.backends import DEVICES, PROCESSOR
from stackdoc.measure import figures
from stackdoc.measure.checks import Refused, all_zero, is_finite, works_on_zeros
from stackdoc.measure.devices.clock import Call, Clock, CpuClock
from stackdoc.measure.devices.energy import WINDOW_S, energy_of
from stackdoc.measure.figures import is_figure
from stackdoc.measure.inputs import LONG_CALL_NS, Inputs, Prepared, PreparedClock, answers_from_a_cache
from stackdoc.measure.outputs import Board
from stackdoc.measure.timer import BUDGETS, time_calls, timestamp
from stackdoc.measure.wire import LaunchOrder, LaunchResult
from stackdoc.model.device import Computed
from stackdoc.model.record import (
    Check,
    Energy,
    Launch,
    Parameter,
    Point,
    Prediction,
    Ratio,
    Work,
    point_key,
)
from stackdoc.statistics.roofs import Roofs
from stackdoc.statistics.samples import sample

T = TypeVar("T", bound=Parameter)
MAX_ENERGY_S = 20.0  # for energy in one launch: a third of the default time limit of a launch


@dataclass(frozen=True)
class Measured:
    """A point of this launch. `seconds` is the time of a call: the median of the clean blocks, or one untimed call."""

    key: str
    seconds: float


class ExampleRun:
    """One launch of one script. Its methods raise ValueError for invalid calls, and Refused for invalid results."""

    def __init__(self, order: LaunchOrder) -> None:
        self.device = order.device
        self.threads = order.threads
        self.profile = order.profile
        self.quick = order.profile == "quick"
        self.roofs = order.roofs or Roofs()
        self.board = Board()  # of a display launch
        self._order = order
        self._points: dict[str, Point] = {}
        self._ratios: dict[str, Ratio] = {}
        self._predictions: dict[str, Prediction] = {}
        self._swept: set[str] = set()
        self._laws = order.laws
        self._energy_s = 0.0
        self._computed: Callable[[], Computed | None] = lambda: None  # asked at the end, when all libraries are loaded
        self._remarks: tuple[str, ...] = ()

    def sweep(self, name: str, values: Sequence[T], quick: Sequence[T] | None = None) -> Iterator[T]:
        """Return an iterator over the values, or in a quick run over `quick`, a subset of them."""
        if surplus := [value for value in quick or () if value not in values]:
            raise ValueError(f"sweep {name!r}: quick has {surplus}, which a full run lacks")
        self._swept.add(name)
        return iter(values if quick is None or not self.quick else quick)

    def law(self, id: str, /, **symbols: float) -> LawValue:
        """Return the value of a law in the project's data: a float in SI base units (second, byte, FLOP).

        The symbols are in the same units. The script's header must list the law's file in `data`, so that a change of
        the law makes the record stale. `.formula` of the value is the law in words, which `predict` takes from there.
        Raises ValueError for an unknown law, and for missing or unknown symbols.
        """
        if self._laws is None:
            self._laws = _laws_of(self._order.path)
        return law_value(self._laws, id, symbols)

    def predict(self, name: str, seconds: float | None, formula: str = "", **parameters: Parameter) -> None:
        """Predict the time of a point before it is measured. `seconds` is None if the roofs it needs are unknown.

        `formula` says in words how the prediction was computed; the value of a law (`ex.law`) has its own.
        """
        key = point_key(name, _validated(parameters))
        if key in self._points:
            raise ValueError(f"{key} was measured before it was predicted")
        if seconds is not None:
            formula = formula or (seconds.formula if isinstance(seconds, LawValue) else "")
            self._predictions[key] = Prediction(float(seconds), formula)

    def measure(
        self,
        name: str,
        call: Callable[..., Any],
        *,
        work: Work | None = None,
        dtype: str = "",
        label: str = "",
        check: Callable[[Any], Check | bool] | None = None,
        cache: Literal["warm", "cold"] = "warm",
        inputs: Sequence[Any] | None = None,
        threads: int | None = None,
        on: Literal["device", "host"] = "device",
        setup: Callable[[], Any] | None = None,
        **parameters: Parameter,
    ) -> Measured:
        """Check the result of `call`, then time it.

        `work` is that of one call; `dtype` selects its roof. `threads` is the number that the call may use (default:
        that of the launch). A swept `dtype` or `threads` becomes a parameter of the point. `check` gets the result.
        `on="host"` times work of the host with the host's clock, also in a launch on an accelerator.

        The launch is refused if the check fails, if the result is not finite, or if one of the `inputs` has only
        zeros. Without `inputs` it is refused if all arrays that `call` refers to have only zeros.

        It is refused, too, if the call changes its input, since later calls would do other work. With `setup` each
        call has its own: what `setup` returns, made before the call and not timed, is the argument of `call`.
        """
        if dtype and "dtype" in self._swept:
            parameters["dtype"] = dtype
        if threads and "threads" in self._swept:
            parameters["threads"] = threads
        point = Point(name, _validated(parameters), "time", (), label, dtype=dtype, cache=cache, work=work)
        self._refuse_duplicate(point.key)
        if any(map(all_zero, inputs or ())):
            raise Refused(f"{point.key}: an input is all zeros")
        clock = self._clock(threads or self.threads, cache, on)
        if setup is not None:
            call = Prepared(call, setup)
            clock = PreparedClock(clock, call)
        seen = Inputs(call, inputs) if self._order.kind == "display" and setup is None else None
        out, first_ns = clock.first(call)
        if inputs is None and works_on_zeros(call, out):
            raise Refused(f"{point.key}: all its inputs are zeros")
        verdict = _check_result(point.key, out, check)
        if seen is not None:
            self._remarks += _remarks(point.key, seen, call, clock, out, first_ns)
        del out, seen
        point = self._launched(point, call, clock, first_ns, prepared=setup is not None)
        prediction = self._predictions.pop(point.key, None)
        self._points[point.key] = replace(point, clock=clock.name, check=verdict, prediction=prediction)
        return Measured(point.key, sample(*self._points[point.key].launches).value)

    def _launched(
        self, point: Point, call: Callable[..., Any], clock: Clock, first_ns: int, *, prepared: bool
    ) -> Point:
        """Return the point with this launch: timed, or observed in the one for display. Refuses work of the host."""
        index = self._order.index
        if self._order.kind == "display":
            launch = Launch(index, timestamp(), 1, 0, (first_ns,))
            energy = self._energy(call, clock, prepared)
            return replace(point, launches=(launch,), memory=clock.memory(call), energy=energy)
        budget = BUDGETS[self.profile]
        launch = time_calls(call, clock, budget, index=index, started=timestamp(), first_ns=first_ns)
        if clock.only_on_host(launch):
            raise Refused(f'{point.key}: gives the device no work; time it with on="host"')
        return replace(point, launches=(launch,))

    def ratio(
        self, name: str, *, slow: Measured | str, fast: Measured | str, label: str = "", **parameters: Parameter
    ) -> None:
        """Report the time of one point over that of another. The interval of the ratio comes from all launches."""
        ratio = Ratio(name, _validated(parameters), _key(slow), _key(fast), label)
        for key in (ratio.slow, ratio.fast):
            if key not in self._points:
                raise ValueError(f"ratio {ratio.key}: {key} was not measured; {did_you_mean(key, self._points)}")
        self._refuse_duplicate(ratio.key)
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
        """Report a number that was not timed by `measure`."""
        point = Point(name, _validated(parameters), "value", (), label, unit, better)
        self._refuse_duplicate(point.key)
        if not isinstance(value, SupportsFloat) or isinstance(value, str) or not math.isfinite(value):
            raise Refused(f"{point.key}: the value is {value!r}")
        launch = Launch(self._order.index, timestamp(), value=float(value))
        self._points[point.key] = replace(point, launches=(launch,))

    def show(self, shown: Any, alt: str = "") -> None:
        """Put text, a Vega-Lite specification or a figure on the example's page. Ignored in timed launches."""
        if self._order.kind == "display":
            self.board.put(shown, alt)
            if (drawn := figures.current.get()) and is_figure(shown):
                drawn.mark(shown)

    def result(self) -> LaunchResult:
        """Return what was measured and shown so far. Raises ValueError for a prediction that was never measured."""
        if self._predictions:
            unmet = sorted(self._predictions)[0]
            raise ValueError(f"{unmet} was predicted and never measured; {did_you_mean(unmet, self._points)}")
        points, ratios = tuple(self._points.values()), tuple(self._ratios.values())
        shown, computed = tuple(self.board.outputs), self._computed()
        return LaunchResult(self._order.index, points, ratios, shown, remarks=self._remarks, computed=computed)

    def _refuse_duplicate(self, key: str) -> None:
        if key in self._points or key in self._ratios:
            raise ValueError(f"duplicate {key}; give it another name, or a parameter that distinguishes it")

    def _energy(self, call: Callable[[], Any], clock: Clock, has_setup: bool) -> Energy:
        """Measure the energy of a call in a full run, until the launch has spent its time for that."""
        counter = clock.energy_counter()
        if isinstance(counter, str):
            return Energy(reason=counter)
        if has_setup:
            return Energy(counter.name, reason="each call has a set-up, whose energy is among it")
        if self.quick:
            return Energy(counter.name, reason="only a full run measures it")
        if self._energy_s >= MAX_ENERGY_S:
            return Energy(counter.name, reason=f"the launch had spent its {MAX_ENERGY_S:g} s for energy")
        energy = energy_of(call, clock.first(call)[1], counter, clock.synchronise, WINDOW_S)
        self._energy_s += energy.seconds
        return energy

    def _clock(self, threads: int, cache: str, on: str) -> Clock:
        """Return the clock for a point, and set the threads of torch if the script has imported it."""
        if "torch" in sys.modules:
            sys.modules["torch"].set_num_threads(threads)
        if self.device != "cpu" and on == "device":
            from stackdoc.measure.devices.accelerator import AcceleratorClock

            clock = AcceleratorClock(self.device, cache)
            self._computed = clock.computed
            return clock
        if cache != "warm":
            raise ValueError("a cold cache is only available on an accelerator")
        return CpuClock(threads)


current_run: ContextVar[ExampleRun | None] = ContextVar("current_run", default=None)


def example() -> ExampleRun:
    """Return the launch that runs this script.

    A script that is run directly is one launch in its own process. It takes `--full`, `--device NAME` and
    `--threads N` from the command line, and prints a table at its end.
    """
    run = current_run.get()
    if run is None:
        run = ExampleRun(_order_from_arguments(sys.argv))
        current_run.set(run)
        atexit.register(_print_table, run)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(run.threads)
    return run


def _order_from_arguments(arguments: Sequence[str]) -> LaunchOrder:
    parser = argparse.ArgumentParser(prog=arguments[0], description="Measure this example once, in this process.")
    parser.add_argument("--full", action="store_true", help="all sizes, not those of a quick run")
    parser.add_argument("--device", default=PROCESSOR, help=f"{', '.join(DEVICES)} (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=1, help="threads a call may use (default: %(default)s)")
    options, _ = parser.parse_known_args(arguments[1:])
    profile: Literal["quick", "full"] = "full" if options.full else "quick"
    return LaunchOrder(arguments[0], options.device, profile, options.threads)


def _laws_of(script: str) -> Mapping[str, KnownLaw]:
    """Read the laws for a script that is run directly, for which its environment may lack packages."""
    try:
        from stackdoc.laws.read import laws_of_script
    except ModuleNotFoundError as error:
        raise ValueError(f"laws can't be read without {error.name}; `stackdoc measure` passes them in") from None
    return laws_of_script(script)


def _print_table(run: ExampleRun) -> None:
    from stackdoc.measure.table import print_table

    print_table(run.result())


def _remarks(key: str, seen: Inputs, call: Call, clock: Clock, out: Any, first_ns: int) -> tuple[str, ...]:
    """Call again, and return what readers must know of the calls. Raises Refused if the call changes its input."""
    if changed := seen.changed():
        raise Refused(f"{key}: {changed}")
    if first_ns > LONG_CALL_NS:
        return ()
    second, second_ns = clock.first(call)
    if changed := seen.changed_by_every_call():
        raise Refused(f"{key}: {changed}")
    grown = seen.changed_again()
    cached = "" if seen.is_result(out) else answers_from_a_cache(out, first_ns, second, second_ns)
    return tuple(f"{key} {remark}" for remark in (grown, cached) if remark)


def _check_result(key: str, out: Any, check: Callable[[Any], Check | bool] | None) -> Check | None:
    if not is_finite(out):
        raise Refused(f"{key}: the result is not finite")
    if check is None:
        return None
    verdict = check(out)
    if not isinstance(verdict, Check):
        verdict = Check("the example's own check", 0.0 if verdict else math.inf, 0.0)
    if not verdict.ok:
        raise Refused(
            f"{key}: the result is wrong: error {verdict.error:.2g} against {verdict.against}, "
            f"tolerance {verdict.tolerance:.2g}"
        )
    return verdict


def _validated(parameters: dict[str, Parameter]) -> tuple[tuple[str, Parameter], ...]:
    """Return the parameters as sorted pairs. Raises ValueError for a value that is not a number, text or bool."""
    for name, value in parameters.items():
        if not isinstance(value, int | float | str | bool):
            raise ValueError(f"parameter {name} is a {type(value).__name__}, not a number, a string or a bool")
    return tuple(sorted(parameters.items()))


def _key(side: Measured | str) -> str:
    return side if isinstance(side, str) else side.key
