"""What no run can have observed, though every field of its record is of the right type.

A record that passes can be summarised, exported and drawn: the limits are far beyond anything measured, and within
them no figure is lost to an overflow.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from itertools import islice

from stackdoc.model.machine import Machine
from stackdoc.model.record import DeviceState, Launch, Point, Record
from stackdoc.records.canonical import SAFE
from stackdoc.records.current import HERE

Fault = tuple[str, str]  # a field, and what is wrong with it

UTC = re.compile(r"20[2-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z")  # before 2020 nothing measured
MOMENT = "%Y-%m-%dT%H:%M:%SZ"
CLOCKS_APART = timedelta(days=1)  # what two machines may disagree about the time

INDEX = "pages of this name list all machines"
RESERVED = {HERE: "it is the machine that a checkout measures on", "index": INDEX, "readme": INDEX}
MOST_FAULTS = 20  # that are named of one record
MOST_POINTS = 500
LONGEST_LIST = 1000  # entries, other than samples
LONGEST_TEXT = 1000  # characters, as of the key of a point
LONGEST = {"label": 500, "data": 8 << 20}  # characters of what figures write beside points, of what a cell displayed
SMALLEST, LARGEST = 1e-100, 1e100  # a number that is not 0, without its sign
MOST_WORK = 1e30  # operations or bytes of one call; the largest training runs take 1e26
MOST_SECONDS = 1e9  # thirty years
MOST_JOULES = 1e15
MOST_WATTS = 1e6  # of one device
MOST_COUNTED = SAFE  # of bytes, calls, faults, switches
MOST_THREADS = 1_000_000


def implausible(record: Record) -> Iterator[Fault]:
    """The first faults of a record, from a clock that was never set to a launch without blocks."""
    return islice(_faults(record), MOST_FAULTS)


def yet_to_come(record: Record, now: datetime) -> Iterator[Fault]:
    """The fault of a record of a day after `now`, which would be the newest for ever. Only commands have a clock."""
    if record.measured_at > (now + CLOCKS_APART).strftime(MOMENT):
        yield "measured_at", f"is {record.measured_at}, which is yet to come"


def _faults(record: Record) -> Iterator[Fault]:
    yield from _of_sizes(record)
    yield from _of_the_run(record)
    yield from _of_the_machine(record.machine)
    yield from _of_keys(record)
    yield from _of_controls(record)
    for index, point in enumerate(record.points):
        for name, message in _of_point(point):
            yield f"points[{index}].{name}", f"{point.key[:80]}: {message}"


def _of_sizes(record: Record) -> Iterator[Fault]:
    if len(record.points) > MOST_POINTS:
        yield "points", f"has {len(record.points)} entries; {MOST_POINTS} is the most"
    for member in fields(record):
        yield from _too_long(getattr(record, member.name), member.name)


def _too_long(value: object, where: str) -> Iterator[Fault]:
    """Texts and lists within the value that are too long; samples are bounded by the size of the file."""
    if isinstance(value, str):
        most = LONGEST.get(where.rpartition(".")[2], LONGEST_TEXT)
        if len(value) > most:
            yield where, f"has {len(value)} characters; {most} is the most"
    elif isinstance(value, Launch):  # nearly all objects of a record
        yield from _too_long(value.throttle, f"{where}.throttle")
        yield from _too_long(value.states, f"{where}.states")
    elif isinstance(value, dict):
        yield from _too_long(tuple(value.items()), where)
    elif isinstance(value, tuple) and len(value) > LONGEST_LIST:
        yield where, f"has {len(value)} entries; {LONGEST_LIST} is the most"
    elif isinstance(value, tuple):
        for index, one in enumerate(value):
            yield from _too_long(one, f"{where}[{index}]")
    elif is_dataclass(value):
        for member in fields(value):
            yield from _too_long(getattr(value, member.name), f"{where}.{member.name}")


def _of_the_run(record: Record) -> Iterator[Fault]:
    if not _is_moment(record.measured_at):
        yield "measured_at", f"{record.measured_at[:40]!r} is no time that a record can be of"
    if not record.digest.strip():
        yield "digest", "is empty"
    yield from _outside({"threads": record.threads}, 1, MOST_THREADS)


def _is_moment(text: str) -> bool:
    """Whether it is a second of a day that there was: 31 February was none."""
    try:
        return bool(UTC.fullmatch(text) and datetime.strptime(text, MOMENT))
    except ValueError:
        return False


def _of_the_machine(machine: Machine) -> Iterator[Fault]:
    if machine.id.casefold() in RESERVED:
        yield "machine.id", f"{machine.id!r} is reserved: {RESERVED[machine.id.casefold()]}"
    yield from _outside({"machine.cores": machine.cores}, 1, MOST_THREADS)
    sizes = ("memory_gib", "l1d_bytes", "l2_bytes", "l3_bytes")
    yield from _outside({f"machine.{name}": getattr(machine, name) for name in sizes}, 0, MOST_COUNTED)
    for index, one in enumerate(machine.accelerators):
        where = f"machine.accelerators[{index}]"
        yield from _outside({f"{where}.count": one.count}, 1, MOST_THREADS)
        yield from _outside({f"{where}.memory_gib": one.memory_gib, f"{where}.units": one.units}, 0, MOST_COUNTED)


def _of_keys(record: Record) -> Iterator[Fault]:
    """Keys that are too long, or do not tell points and ratios apart."""
    for key, count in Counter([*(one.key for one in record.points), *(one.key for one in record.ratios)]).items():
        if count > 1:
            yield "points", f"{count} have the key {key[:80]!r}"
        if len(key) > LONGEST_TEXT:
            yield "points", f"a key has {len(key)} characters; {LONGEST_TEXT} is the most"


def _of_controls(record: Record) -> Iterator[Fault]:
    """Each control once, each round of it once; what it took is a timing as any other."""
    if len({control.name for control in record.controls}) < len(record.controls):
        yield "controls", "have a name twice"
    for index, control in enumerate(record.controls):
        where = f"controls[{index}]"
        if not control.launches:
            yield f"{where}.launches", "is empty"
        if not control.made_with.strip():
            yield f"{where}.made_with", "is empty"
        if len({launch.index for launch in control.launches}) < len(control.launches):
            yield f"{where}.launches", "have a round twice"
        if work := control.work:
            yield from _outside({f"{where}.work.flop": work.flop, f"{where}.work.bytes": work.bytes}, 0, MOST_WORK)
        for number, launch in enumerate(control.launches):
            for name, message in _of_launch(launch, has_value=False):
                yield f"{where}.launches[{number}].{name}", message


def _of_point(point: Point) -> Iterator[Fault]:
    yield from _of_parameters(point)
    yield from _of_what_was_stated(point)
    yield from _of_resources(point)
    if not point.launches:
        yield "launches", "is empty"
    if point.kind == "time" and point.unit != "s":
        yield "unit", f"is {point.unit[:20]!r}; what a launch took is in s"
    for index, launch in enumerate(point.launches):
        for name, message in _of_launch(launch, point.kind == "value"):
            yield f"launches[{index}].{name}", message


def _of_parameters(point: Point) -> Iterator[Fault]:
    for name, value in point.parameters:
        if name == "threads" and (type(value) is not int or not 1 <= value <= MOST_THREADS):
            yield "parameters", f"threads is {value!r:.60}; a whole number from 1 to {MOST_THREADS} is expected"
        elif isinstance(value, int | float):
            yield from _outside({f"parameters.{name[:60]}": value}, -SAFE, SAFE)
            yield from _lost(f"parameters.{name[:60]}", value)


def _of_what_was_stated(point: Point) -> Iterator[Fault]:
    """Work, prediction and check. A line drawn through measured points may predict less than nothing."""
    if work := point.work:
        yield from _outside({"work.flop": work.flop, "work.bytes": work.bytes}, 0, MOST_WORK)
    if prediction := point.prediction:
        yield from _outside({"prediction.seconds": prediction.seconds}, -MOST_SECONDS, MOST_SECONDS)
        yield from _lost("prediction.seconds", prediction.seconds)
    if check := point.check:
        yield from _outside({"check.error": check.error, "check.tolerance": check.tolerance}, 0, LARGEST)
        if check.error > check.tolerance:
            yield "check.error", f"is {check.error:g}, more than the tolerance of {check.tolerance:g}"


def _of_resources(point: Point) -> Iterator[Fault]:
    if memory := point.memory:
        counts = {"memory.before_bytes": memory.before_bytes, "memory.peak_bytes": memory.peak_bytes}
        yield from _outside(counts, 0, MOST_COUNTED)
    if energy := point.energy:
        yield from _outside({"energy.joules": energy.joules}, 0, MOST_JOULES)
        yield from _outside({"energy.seconds": energy.seconds}, 0, MOST_SECONDS)
        yield from _outside({"energy.calls": energy.calls}, 0, MOST_COUNTED)
        yield from _outside({"energy.idle_watts": energy.idle_watts}, 0, MOST_WATTS)


def _of_launch(launch: Launch, has_value: bool) -> Iterator[Fault]:
    if not UTC.fullmatch(launch.started):
        yield "started", f"{launch.started[:40]!r} is not a time"
    names = ("index", "calls", "warmup_calls", "sm_clock_mhz", "memory_bytes", "faults")
    yield from _outside({name: getattr(launch, name) for name in names}, 0, MOST_COUNTED)
    yield from _outside({"psi": launch.psi}, 0, 100)
    for index, state in enumerate(launch.states):
        yield from _of_state(state, f"states[{index}]")
    yield from _of_value(launch) if has_value else _of_blocks(launch)


def _of_state(state: DeviceState, where: str) -> Iterator[Fault]:
    counts = ("sm_clock_mhz", "max_sm_clock_mhz", "neighbours")
    yield from _outside({f"{where}.{name}": getattr(state, name) for name in counts}, 0, MOST_COUNTED)
    watts = ("power_watts", "power_limit_watts")
    yield from _outside({f"{where}.{name}": getattr(state, name) for name in watts}, 0, MOST_WATTS)
    yield from _outside({f"{where}.temperature_celsius": state.temperature_celsius}, -100, 1000)


def _of_value(launch: Launch) -> Iterator[Fault]:
    if launch.value is None:
        yield "value", "is missing"
    else:
        yield from _lost("value", launch.value)
    if launch.wall_ns or launch.cpu_ns or launch.switches:
        yield "wall_ns", "has blocks beside a value"


def _of_blocks(launch: Launch) -> Iterator[Fault]:
    """Each block has its wall time and, unless a device's clock timed it, its CPU time and switches."""
    if launch.value is not None:
        yield "value", "is given, though the point is a timing"
    if launch.calls < 1:
        yield "calls", f"is {launch.calls}; a block has at least one"
    if not launch.wall_ns:
        yield "wall_ns", "has no blocks"
    elif min(launch.wall_ns) <= 0:
        yield "wall_ns", f"a block took {min(launch.wall_ns)} ns"
    if launch.device_ns and len(launch.device_ns) != len(launch.wall_ns):
        yield "device_ns", f"has {len(launch.device_ns)} blocks, wall_ns {len(launch.wall_ns)}"
    elif launch.device_ns and min(launch.device_ns) < 0:
        yield "device_ns", f"a block has {min(launch.device_ns)}"
    on_cpu = bool(launch.cpu_ns or launch.switches)
    if on_cpu and launch.device_ns:
        yield "device_ns", "stands beside the time of a processor"
    for name, signals in (("cpu_ns", launch.cpu_ns), ("switches", launch.switches)):
        if on_cpu and len(signals) != len(launch.wall_ns):
            yield name, f"has {len(signals)} blocks, wall_ns {len(launch.wall_ns)}"
        if signals and min(signals) < 0:
            yield name, f"a block has {min(signals)}"


def _outside(values: Mapping[str, float | None], least: float, most: float) -> Iterator[Fault]:
    for name, value in values.items():
        if value is not None and not least <= value <= most:
            yield name, f"is {value!r:.60}; {least:g} to {most:g} is possible"


def _lost(name: str, value: float) -> Iterator[Fault]:
    """A number so large or small that what is computed from it overflows."""
    if value and not SMALLEST <= abs(value) <= LARGEST:
        yield name, f"is {value!r:.60}, beyond {SMALLEST:g} to {LARGEST:g}"
