"""A record: what one run of one example observed on one machine. It holds nothing derived and never changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cached_property
from statistics import median
from typing import Any, Literal

from stackdoc.model.device import Computed, DeviceState
from stackdoc.model.machine import Allotment, Machine, Software
from stackdoc.model.stored import COUNT, OPTIONAL, PERCENT, optional_fields

SCHEMA = "stackdoc.record/3"
SECOND_SCHEMA = "stackdoc.record/2"  # has no controls, device times or device states
FIRST_SCHEMA = "stackdoc.record/1"  # has no memory and energy of points, but device memory of launches
SCHEMAS = (FIRST_SCHEMA, SECOND_SCHEMA, SCHEMA)  # all that can be read
SINCE_SECOND = ("memory", "energy")  # fields of points
SINCE_THIRD = ("device_ns", "states")  # fields of launches
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"  # of all times in records, in UTC
FIRST_ID_DIGITS = 12  # of the first records' ids; they stay, since their addresses are cited
METHOD = "timer/1"  # changes with the way of measuring on processors
DEVICE_METHOD = "timer/2"  # the same for accelerators; `timer/1` kept the device's time only

Parameter = int | float | str | bool
Kind = Literal["time", "value"]
ControlName = Literal["product", "triad", "interpreter", "dispatch"]


@dataclass(frozen=True)
class Work:
    """The work of one call by its algorithm: floating-point operations, and bytes that it must read and write."""

    flop: float = 0.0
    bytes: float = 0.0


@dataclass(frozen=True)
class Check:
    """The result of the timed call compared with the reference `against`: relative error and its tolerance."""

    against: str
    error: float
    tolerance: float

    @property
    def ok(self) -> bool:
        return self.error <= self.tolerance


@dataclass(frozen=True)
class Prediction:
    """A prediction made before the measurement: seconds, and the formula in words."""

    seconds: float
    formula: str = ""


@dataclass(frozen=True, slots=True)  # most objects of a site are launches
class Launch:
    """One point in one process: its timed blocks, each of `calls` calls, or its value.

    `wall_ns` and `cpu_ns` have one entry for each block. `cpu_ns` is the CPU time of the whole process divided by the
    threads that the call may use, and `switches` counts the involuntary context switches of all its threads; both are
    empty on a device's clock. `psi` is the CPU pressure (percent, 10 s average) at the start, None where the kernel
    does not report it. `faults` counts the pages that the process was given during the blocks.

    On an accelerator `wall_ns` is the time that a program waits for the calls, and `device_ns` the time that the device
    takes for them back to back, empty if that can't be measured. `states` are those of the device before, during and
    after the blocks. `throttle` lists why an accelerator lowered its clock, and `sm_clock_mhz` is that clock after the
    last block.

    A point of kind `value` has `value` instead of blocks. `memory_bytes` exists in records of the first schema only:
    the peak device memory of one call.
    """

    index: int
    started: str
    calls: int = 0
    warmup_calls: int = 0
    wall_ns: tuple[int, ...] = ()
    cpu_ns: tuple[int, ...] = ()
    switches: tuple[int, ...] = ()
    psi: float | None = field(default=None, metadata=PERCENT)
    value: float | None = None
    throttle: tuple[str, ...] = ()
    sm_clock_mhz: int | None = None
    memory_bytes: int | None = None
    faults: int | None = field(default=None, metadata=COUNT)
    device_ns: tuple[int, ...] = ()
    states: tuple[DeviceState, ...] = ()

    @property
    def is_timed(self) -> bool:
        return bool(self.wall_ns)

    @property
    def has_cpu_times(self) -> bool:
        return bool(self.cpu_ns)

    @property
    def has_device_times(self) -> bool:
        return bool(self.device_ns)

    @property
    def median_ns(self) -> float:
        """The median of the blocks."""
        return median(self.wall_ns)

    @property
    def total_ns(self) -> int:
        """The time of all blocks."""
        return sum(self.wall_ns)

    @property
    def mark(self) -> object:
        """A part of the blocks that distinguishes launches well enough to hash them by it."""
        return self.wall_ns[:1]

    def on_device_clock(self) -> Launch:
        """Return the launch with the device's own times in place of those that a program waits."""
        return replace(self, wall_ns=self.device_ns, device_ns=())


@dataclass(frozen=True)
class Memory:
    """The memory of one call in an untimed launch, by `counter`: bytes before the call and at its peak.

    On the host these are resident pages of the process, on a device what torch's allocator had handed out. Both are
    None, with a `reason`, if nothing reports them.
    """

    place: Literal["host", "device"]
    counter: str = ""
    before_bytes: int | None = None
    peak_bytes: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class Energy:
    """The energy that a hardware counter reported while an untimed launch repeated the call: `joules` in `seconds`.

    The counter covers a whole processor package or device, idle power included; `idle_watts` is that power, measured
    just before without load. `joules` is None, with a `reason`, if there is no counter or no time was given to it.
    """

    counter: str = ""
    joules: float | None = None
    seconds: float = 0.0
    calls: int = 0
    reason: str = ""
    idle_watts: float | None = None


@dataclass(frozen=True)
class Point:
    """One thing measured: `name` with parameters; `key` is `name;k=v;k=v`, keys sorted."""

    name: str
    parameters: tuple[tuple[str, Parameter], ...]
    kind: Kind
    launches: tuple[Launch, ...]
    label: str = ""
    unit: str = "s"
    better: Literal["lower", "higher"] = "lower"
    dtype: str = ""
    clock: str = "wall"
    cache: str = "warm"
    work: Work | None = None
    check: Check | None = None
    prediction: Prediction | None = None
    memory: Memory | None = None
    energy: Energy | None = None

    @cached_property
    def key(self) -> str:
        return point_key(self.name, self.parameters)

    def __hash__(self) -> int:
        """Hash what is fast to hash and distinguishes the points of many records: the name and the first launch."""
        first = self.launches[0] if self.launches else None
        return hash((self.name, self.parameters, first and (first.started, first.value, first.mark)))


@dataclass(frozen=True)
class Ratio:
    """The point `slow` over the point `fast`, both keys of this record; the interval comes from their launches."""

    name: str
    parameters: tuple[tuple[str, Parameter], ...]
    slow: str
    fast: str
    label: str = ""

    @cached_property
    def key(self) -> str:
        return point_key(self.name, self.parameters)


@dataclass(frozen=True)
class Control:
    """A fixed piece of work that every round of a run measures beside the examples, to see how fast the machine was.

    The `index` of a launch is its round, from 0. `made_with` names the program and the versions it ran on; two controls
    are comparable if it is the same. `work` is that of one call. The records of one run share these launches.
    """

    name: ControlName
    made_with: str
    launches: tuple[Launch, ...]
    work: Work | None = None


@dataclass(frozen=True)
class Output:
    """What a cell displayed in one untimed launch: one MIME type with its data; `alt` describes it in words."""

    cell: int
    mime: str
    data: str
    alt: str = ""


@dataclass(frozen=True)
class Record:
    """All points of one example on one machine and device, by one profile.

    `sha256` identifies the record: the SHA-256 over the canonical JSON (RFC 8785) of everything but it and `id`. The
    first records lack it in their files; it is computed when they are read, and empty in a record that has no id yet.
    `id`, the record's address and the name of its file, is the first 16 digits, of the first records 12.

    `computed` is the device that the launches used, None on a processor; `allotment` is what they could use of the
    machine. Both are None in older records. `repeats` is the SHA-256 of the record whose example, source, device and
    profile were run again to make this one, None if it repeats no other.
    """

    id: str
    schema: str
    method: str
    example: str
    device: str
    profile: Literal["quick", "full"]
    threads: int
    measured_at: str
    machine: Machine
    software: Software
    digest: str
    closure: tuple[tuple[str, str], ...]
    commit: str
    dirty: bool
    launched: Literal["fresh", "forked"]
    points: tuple[Point, ...]
    ratios: tuple[Ratio, ...] = ()
    outputs: tuple[Output, ...] = ()
    roofs: str = ""
    caveats: tuple[str, ...] = ()
    extra: dict[str, str] = field(default_factory=dict)
    controls: tuple[Control, ...] = ()
    computed: Computed | None = field(default=None, metadata=OPTIONAL)
    allotment: Allotment | None = field(default=None, metadata=OPTIONAL)
    repeats: str | None = field(default=None, metadata=OPTIONAL)
    sha256: str = ""

    def fields(self) -> dict[str, Any]:
        """Return the record as plain data, its id included, in the form of its schema and of its id."""
        plain: dict[str, Any] = _plain(self)
        if len(self.id) == FIRST_ID_DIGITS or not self.sha256:
            del plain["sha256"]
        if self.schema != SCHEMA:
            del plain["controls"]
        for control in plain.get("controls", ()):
            for launch in control["launches"]:
                del launch["memory_bytes"]
        for point in plain["points"]:
            _fit_to_schema(self.schema, point)
        return plain

    def in_full(self) -> Record:
        """Return the record with the blocks of its launches, which the records of a build leave in their files."""
        return self

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all points, then those of all ratios."""
        return (*(point.key for point in self.points), *(ratio.key for ratio in self.ratios))

    def point(self, key: str) -> Point | None:
        item = self.item(key)
        return item if isinstance(item, Point) else None

    def ratio(self, key: str) -> Ratio | None:
        return next((ratio for ratio in self.ratios if ratio.key == key), None)

    def item(self, key: str) -> Point | Ratio | None:
        """Return the point or ratio with that key; the first one, and points before ratios."""
        return self._items.get(key)

    @cached_property
    def _items(self) -> Mapping[str, Point | Ratio]:
        every: tuple[Point | Ratio, ...] = (*self.points, *self.ratios)
        return {item.key: item for item in reversed(every)}


def _fit_to_schema(schema: str, point: dict[str, Any]) -> None:
    """Delete from the plain data of a point the fields that its schema does not have."""
    unknown: tuple[str, ...] = () if schema == SCHEMA else SINCE_THIRD
    unknown += () if schema == FIRST_SCHEMA else ("memory_bytes",)
    for launch in point["launches"]:
        for name in unknown:
            del launch[name]
    if schema == FIRST_SCHEMA:
        for name in SINCE_SECOND:
            del point[name]
    elif schema != SCHEMA and point["energy"]:
        del point["energy"]["idle_watts"]


def method_of(device: str) -> str:
    """Return the name of the current method of measuring on a device."""
    return METHOD if device == "cpu" else DEVICE_METHOD


def _plain(value: Any) -> Any:
    """Return dataclasses as dictionaries; tuples of numbers, most of a record, are not copied."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, tuple):
        return value if value and isinstance(value[0], int | float) else tuple(map(_plain, value))
    if is_dataclass(value):
        kind: Any = type(value)
        left_out = [name for name in optional_fields(kind) if getattr(value, name) is None]
        return {
            member.name: _plain(getattr(value, member.name)) for member in fields(value) if member.name not in left_out
        }
    return dict(value)


def point_key(name: str, parameters: tuple[tuple[str, Parameter], ...]) -> str:
    """Return the address of a point within its record: `library;n=1024`."""

    return ";".join([name, *(f"{key}={value}" for key, value in sorted(parameters))])
