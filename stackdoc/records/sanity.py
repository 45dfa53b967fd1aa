"""Finds values in a record that no run can have observed, though each is of the right type.

A record that passes can be summarised, exported and drawn: the limits are far beyond anything measured, and no
computation with values within them overflows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from itertools import islice

from stackdoc.machine.backends import PROCESSOR, named
from stackdoc.machine.identity import alike, class_of, has_computed_id, identify
from stackdoc.model.device import DeviceState
from stackdoc.model.machine import Allotment, Machine
from stackdoc.model.record import TIME_FORMAT, Launch, Point, Record
from stackdoc.model.stored import possible_values
from stackdoc.records.canonical import SAFE
from stackdoc.records.current import HERE
from stackdoc.records.identity import SHA256

Fault = tuple[str, str]  # a field, and what is wrong with it

UTC = re.compile(r"20[2-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z")  # no record is before 2020
DEVICE = re.compile(r"[a-z][a-z0-9_]{0,29}")  # as torch names them
COMMIT = re.compile(r"([0-9a-f]{7,64})?")
CLOCK_SKEW = timedelta(days=1)  # by which the clocks of two machines may differ

INDEX = "pages with this name list all machines"
RESERVED = {HERE: "it means the machine that a checkout measures on", "index": INDEX, "readme": INDEX}
MOST_FAULTS = 20  # reported for one record
MOST_POINTS = 500
MOST_BLOCKS = 100_000  # of one launch; a run of minutes has a thousand
MOST_SHOWN = 16 << 20  # characters of all outputs
LONGEST_LIST = 1000  # entries, other than samples
LONGEST_TEXT = 1000  # characters, as of the key of a point
LONGEST = {"label": 500, "data": 8 << 20}  # characters of a label beside a point, of the output of a cell
SMALLEST, LARGEST = 1e-100, 1e100  # a number that is not 0, without its sign
MOST_WORK = 1e30  # operations or bytes of one call; the largest training runs take 1e26
MOST_SECONDS = 1e9  # thirty years
MOST_JOULES = 1e15
MOST_WATTS = 1e6  # of one device
MOST_COUNTED = SAFE  # of bytes, calls, faults, switches
MOST_THREADS = 1_000_000


def impossible_values(record: Record) -> Iterator[Fault]:
    """Yield the first faults of a record, such as a date from a clock that was never set."""
    return islice(_faults(record), MOST_FAULTS)


def dated_in_future(record: Record, now: datetime) -> Iterator[Fault]:
    """Yield the fault of a record dated more than a day after `now`: no later record could ever replace it."""
    if record.measured_at > (now + CLOCK_SKEW).strftime(TIME_FORMAT):
        yield "measured_at", f"is {record.measured_at}, which is in the future"


def misnamed(records: Iterable[Record], known: Mapping[str, Machine]) -> Iterator[tuple[Record, Fault]]:
    """Yield the records whose machine has the id of another class: one of `known`, or of an earlier record."""
    classes = dict(known)
    for record in sorted(records, key=lambda record: record.measured_at):
        owner = classes.setdefault(record.machine.id, record.machine)
        if not alike(owner, record.machine):
            message = f"{record.machine.id[:80]!r} is the id of another machine, {owner.label[:200]}"
            yield record, ("machine.id", message)


def unnamed(records: Collection[Record], known: Iterable[Machine]) -> Iterator[tuple[Record, Fault]]:
    """Yield the records whose machine has an id that is not computed from its fields.

    A project goes on calling a machine by the id of an earlier scheme, which later records of its class then have too:
    it counts if it is that of another record, or of a machine of `known`.
    """
    machines = {record.machine for record in records}
    computed = {(machine.id, class_of(machine)) for machine in {*machines, *known} if has_computed_id(machine)}
    foreign = {machine for machine in machines if (machine.id, class_of(machine)) not in computed}
    for record in records:
        if record.machine in foreign:
            message = f"{record.machine.id[:80]!r} is not computed from the machine; {identify(record.machine)!r} is"
            yield record, ("machine.id", message)


def _faults(record: Record) -> Iterator[Fault]:
    yield from _of_sizes(record)
    yield from _of_run(record)
    yield from _of_machine(record.machine)
    yield from _of_device(record)
    if record.allotment:
        yield from _of_allotment(record.allotment)
    yield from _of_keys(record)
    yield from _of_ratios(record)
    yield from _of_outputs(record)
    yield from _of_controls(record)
    yield from impossible_points(record.points)


def impossible_points(points: Iterable[Point]) -> Iterator[Fault]:
    """Yield the faults of points, such as blocks that took no time."""
    for index, point in enumerate(points):
        for name, message in _of_point(point):
            yield f"points[{index}].{name}", f"{point.key[:80]}: {message}"


def _of_sizes(record: Record) -> Iterator[Fault]:
    if len(record.points) > MOST_POINTS:
        yield "points", f"has {len(record.points)} entries; at most {MOST_POINTS} are allowed"
    for member in fields(record):
        yield from _too_long(getattr(record, member.name), member.name)


def _too_long(value: object, where: str) -> Iterator[Fault]:
    """Yield texts and lists within the value that are too long; samples are limited by the size of the file."""
    if isinstance(value, str):
        most = LONGEST.get(where.rpartition(".")[2], LONGEST_TEXT)
        if len(value) > most:
            yield where, f"has {len(value)} characters; at most {most} are allowed"
    elif isinstance(value, Launch):  # nearly all objects of a record, so its numbers are skipped
        yield from _too_long(value.throttle, f"{where}.throttle")
        yield from _too_long(value.states, f"{where}.states")
    elif isinstance(value, dict):
        yield from _too_long(tuple(value.items()), where)
    elif isinstance(value, tuple) and len(value) > LONGEST_LIST:
        yield where, f"has {len(value)} entries; at most {LONGEST_LIST} are allowed"
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _too_long(item, f"{where}[{index}]")
    elif is_dataclass(value):
        for member in fields(value):
            yield from _too_long(getattr(value, member.name), f"{where}.{member.name}")


def _of_run(record: Record) -> Iterator[Fault]:
    if not _is_time(record.measured_at):
        yield "measured_at", f"{record.measured_at[:40]!r} is not a valid time of a record"
    for name, pattern in (("device", DEVICE), ("commit", COMMIT)):
        if not pattern.fullmatch(text := getattr(record, name)):
            yield name, f"{text[:80]!r} is not a {name}"
    if not record.digest.strip():
        yield "digest", "is empty"
    if record.repeats is not None and not SHA256.fullmatch(record.repeats):
        yield "repeats", f"{record.repeats[:80]!r} is not the SHA-256 of a record"
    yield from _outside({"threads": record.threads}, 1, MOST_THREADS)


def _is_time(text: str) -> bool:
    """Whether the text is a UTC time of an existing day, so not of 31 February; a record has thousands of them."""
    try:
        return bool(UTC.fullmatch(text) and datetime.fromisoformat(text))
    except ValueError:
        return False


def _of_machine(machine: Machine) -> Iterator[Fault]:
    if machine.id.casefold() in RESERVED:
        yield "machine.id", f"{machine.id!r} is reserved: {RESERVED[machine.id.casefold()]}"
    yield from _outside({"machine.cores": machine.cores}, 1, MOST_THREADS)
    sizes = ("memory_gib", "l1d_bytes", "l2_bytes", "l3_bytes")
    yield from _outside({f"machine.{name}": getattr(machine, name) for name in sizes}, 0, MOST_COUNTED)
    for index, part in enumerate(machine.accelerators):
        where = f"machine.accelerators[{index}]"
        yield from _outside({f"{where}.count": part.count}, 1, MOST_THREADS)
        yield from _outside({f"{where}.memory_gib": part.memory_gib, f"{where}.units": part.units}, 0, MOST_COUNTED)
    if topology := machine.topology:
        counts = {name: getattr(topology, name) for name in ("sockets", "numa_nodes", "threads_per_core")}
        counts |= {f"kinds.{name[:60]}": count for name, count in topology.kinds}
        yield from _outside({f"machine.topology.{name}": count for name, count in counts.items()}, 1, MOST_THREADS)


def _of_device(record: Record) -> Iterator[Fault]:
    """A device that the record's own torch can't have used, or that is not the record's."""
    torch = record.software.packages.get("torch", "")
    if record.device != PROCESSOR and torch.endswith("+cpu"):
        yield "device", f"is {record.device!r}, but torch {torch} was built for processors only"
    if (computed := record.computed) is None:
        return
    backend = named(computed.backend)
    if record.device == PROCESSOR or (backend and backend.device != record.device):
        yield "computed.backend", f"is {computed.backend!r}, which does not compute for {record.device!r}"
    sizes = {"memory_bytes": computed.memory_bytes, "units": computed.units}
    yield from _outside({f"computed.{name}": value for name, value in sizes.items()}, 0, MOST_COUNTED)
    yield from _outside({"computed.visible": computed.visible}, 1, MOST_THREADS)
    yield from _outside({"computed.index": computed.index}, 0, computed.visible - 1)


def _of_allotment(allotment: Allotment) -> Iterator[Fault]:
    yield from _outside({"allotment.cpus": allotment.cpus}, 1, MOST_THREADS)
    yield from _outside({"allotment.quota_cpus": allotment.quota_cpus}, 1e-3, MOST_THREADS)
    yield from _outside({"allotment.memory_bytes": allotment.memory_bytes}, 1, MOST_COUNTED)


def _of_keys(record: Record) -> Iterator[Fault]:
    """Yield keys that are too long, or shared by several points and ratios."""
    for key, count in Counter(record.keys).items():
        if count > 1:
            yield "points", f"{count} have the key {key[:80]!r}"
        if len(key) > LONGEST_TEXT:
            yield "points", f"a key has {len(key)} characters; at most {LONGEST_TEXT} are allowed"


def _of_ratios(record: Record) -> Iterator[Fault]:
    """Yield ratios of anything but two points of the record."""
    keys = {point.key for point in record.points}
    for index, ratio in enumerate(record.ratios):
        for name, key in (("slow", ratio.slow), ("fast", ratio.fast)):
            if key not in keys:
                yield f"ratios[{index}].{name}", f"{key[:80]!r} is not a point of the record"


def _of_outputs(record: Record) -> Iterator[Fault]:
    cells = {f"outputs[{index}].cell": output.cell for index, output in enumerate(record.outputs)}
    yield from _outside(cells, 0, MOST_COUNTED)
    if (size := sum(len(output.data) for output in record.outputs)) > MOST_SHOWN:
        yield "outputs", f"have {size} characters; at most {MOST_SHOWN} are allowed"


def _of_controls(record: Record) -> Iterator[Fault]:
    """Yield duplicate controls and rounds, and the faults of their launches."""
    if len({control.name for control in record.controls}) < len(record.controls):
        yield "controls", "have a duplicate name"
    for index, control in enumerate(record.controls):
        where = f"controls[{index}]"
        if not control.launches:
            yield f"{where}.launches", "is empty"
        if not control.made_with.strip():
            yield f"{where}.made_with", "is empty"
        if len({launch.index for launch in control.launches}) < len(control.launches):
            yield f"{where}.launches", "have a duplicate round"
        if work := control.work:
            yield from _outside({f"{where}.work.flop": work.flop, f"{where}.work.bytes": work.bytes}, 0, MOST_WORK)
        for number, launch in enumerate(control.launches):
            for name, message in _of_launch(launch, has_value=False):
                yield f"{where}.launches[{number}].{name}", message


def _of_point(point: Point) -> Iterator[Fault]:
    yield from _of_parameters(point)
    yield from _of_statements(point)
    yield from _of_resources(point)
    if not point.launches:
        yield "launches", "is empty"
    if len({launch.index for launch in point.launches}) < len(point.launches):
        yield "launches", "have a duplicate index"
    if point.kind == "time" and point.unit != "s":
        yield "unit", f"is {point.unit[:20]!r}; times are in s"
    for index, launch in enumerate(point.launches):
        for name, message in _of_launch(launch, point.kind == "value"):
            yield f"launches[{index}].{name}", message


def _of_parameters(point: Point) -> Iterator[Fault]:
    for name, value in point.parameters:
        if name == "threads" and (type(value) is not int or not 1 <= value <= MOST_THREADS):
            yield "parameters", f"threads is {value!r:.60}; a whole number from 1 to {MOST_THREADS} is expected"
        elif isinstance(value, int | float):
            yield from _outside({f"parameters.{name[:60]}": value}, -SAFE, SAFE)
            yield from _overflowing(f"parameters.{name[:60]}", value)


def _of_statements(point: Point) -> Iterator[Fault]:
    """Yield faults of work, prediction and check. A line fitted to measured points may predict a negative time."""
    if work := point.work:
        yield from _outside({"work.flop": work.flop, "work.bytes": work.bytes}, 0, MOST_WORK)
    if prediction := point.prediction:
        yield from _outside({"prediction.seconds": prediction.seconds}, -MOST_SECONDS, MOST_SECONDS)
        yield from _overflowing("prediction.seconds", prediction.seconds)
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
    if not _is_time(launch.started):
        yield "started", f"{launch.started[:40]!r} is not a time"
    names = ("index", "calls", "warmup_calls", "sm_clock_mhz", "memory_bytes")
    yield from _outside({name: getattr(launch, name) for name in names}, 0, MOST_COUNTED)
    for name, (least, most) in possible_values(Launch).items():
        yield from _outside({name: getattr(launch, name)}, least, most)
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
        yield from _overflowing("value", launch.value)
    if launch.wall_ns or launch.cpu_ns or launch.switches:
        yield "wall_ns", "has blocks although the launch has a value"


def _of_blocks(launch: Launch) -> Iterator[Fault]:
    """Yield faults of blocks: each has a wall time and, unless a device's clock timed it, a CPU time and switches."""
    if launch.value is not None:
        yield "value", "is present although the point is a timing"
    if launch.calls < 1:
        yield "calls", f"is {launch.calls}; a block has at least one"
    if not launch.wall_ns:
        yield "wall_ns", "has no blocks"
    elif len(launch.wall_ns) > MOST_BLOCKS:
        yield "wall_ns", f"has {len(launch.wall_ns)} blocks; at most {MOST_BLOCKS} are allowed"
    elif min(launch.wall_ns) <= 0:
        yield "wall_ns", f"a block took {min(launch.wall_ns)} ns"
    if launch.device_ns and len(launch.device_ns) != len(launch.wall_ns):
        yield "device_ns", f"has {len(launch.device_ns)} blocks, wall_ns {len(launch.wall_ns)}"
    elif launch.device_ns and min(launch.device_ns) < 0:
        yield "device_ns", f"a block has {min(launch.device_ns)}"
    on_cpu = bool(launch.cpu_ns or launch.switches)
    if on_cpu and launch.device_ns:
        yield "device_ns", "is present although a processor's clock timed the blocks"
    for name, signals in (("cpu_ns", launch.cpu_ns), ("switches", launch.switches)):
        if on_cpu and len(signals) != len(launch.wall_ns):
            yield name, f"has {len(signals)} blocks, wall_ns {len(launch.wall_ns)}"
        if signals and min(signals) < 0:
            yield name, f"a block has {min(signals)}"


def _outside(values: Mapping[str, float | None], least: float, most: float) -> Iterator[Fault]:
    for name, value in values.items():
        if value is not None and not least <= value <= most:
            yield name, f"is {value!r:.60}; {least:g} to {most:g} is possible"


def _overflowing(name: str, value: float) -> Iterator[Fault]:
    """Yield the fault of a number so large or small that computations with it overflow."""
    if value and not SMALLEST <= abs(value) <= LARGEST:
        yield name, f"is {value!r:.60}, beyond {SMALLEST:g} to {LARGEST:g}"
