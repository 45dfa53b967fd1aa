"""A record: what one run of one example observed on one machine. Nothing derived, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cached_property
from typing import Any, Literal

from stackdoc.model.machine import Machine, Software

SCHEMA = "stackdoc.record/3"
SECOND_SCHEMA = "stackdoc.record/2"  # without controls, and without both times and states of devices
FIRST_SCHEMA = "stackdoc.record/1"  # without memory and energy of points, with device memory of launches
SCHEMAS = (FIRST_SCHEMA, SECOND_SCHEMA, SCHEMA)  # those that can be read
SINCE_SECOND = ("memory", "energy")  # of points
SINCE_THIRD = ("device_ns", "states")  # of launches
METHOD = "timer/1"  # raised whenever the way of measuring on processors changes
DEVICE_METHOD = "timer/2"  # the same for accelerators: the first kept the device's time alone

Parameter = int | float | str | bool
Kind = Literal["time", "value"]
ControlName = Literal["product", "triad", "interpreter", "dispatch"]


@dataclass(frozen=True)
class Work:
    """What one call does by its algorithm: floating-point operations, and bytes read once and written once."""

    flop: float = 0.0
    bytes: float = 0.0


@dataclass(frozen=True)
class Check:
    """The result of the timed call against a reference: relative error and the tolerance it had to meet."""

    against: str
    error: float
    tolerance: float

    @property
    def ok(self) -> bool:
        return self.error <= self.tolerance


@dataclass(frozen=True)
class Prediction:
    """Said before the measurement: seconds, and the formula in words."""

    seconds: float
    formula: str = ""


@dataclass(frozen=True, slots=True)
class DeviceState:
    """What the driver said of an accelerator at one moment; None where it does not say.

    `reasons` are those for which its clock is lowered, the limit of its power among them. `neighbours` are other
    processes that compute on it, `mig` says that it is a slice of a larger part.
    """

    sm_clock_mhz: int | None = None
    max_sm_clock_mhz: int | None = None
    power_watts: float | None = None
    power_limit_watts: float | None = None
    temperature_celsius: int | None = None
    reasons: tuple[str, ...] = ()
    neighbours: int | None = None
    ecc: bool | None = None
    mig: bool | None = None


@dataclass(frozen=True, slots=True)  # most of the objects of a site are launches
class Launch:
    """One point in one process. `wall_ns` and `cpu_ns` hold one entry a block of `calls` calls.

    `cpu_ns` is the CPU time of the whole process divided by the threads that the call may use, and
    `switches` counts the involuntary context switches of all its threads; both are empty on a device's
    clock. `psi` is the CPU pressure (percent, 10 s average) at the start, None where the kernel has
    none; `faults` are the pages that the process was given during the blocks. On an accelerator `wall_ns` is what a
    program waits for the calls, `device_ns` what the device took for them back to back (empty where that can't be
    told), and `states` are those of the device before, amid and after the blocks. A `value` point has `value`
    instead of blocks. `throttle` names why an accelerator lowered its clock, `sm_clock_mhz` is that clock
    after the last block. `memory_bytes` is in records of the first schema alone: the device memory one
    call had allocated at most.
    """

    index: int
    started: str
    calls: int = 0
    warmup_calls: int = 0
    wall_ns: tuple[int, ...] = ()
    cpu_ns: tuple[int, ...] = ()
    switches: tuple[int, ...] = ()
    psi: float | None = None
    value: float | None = None
    throttle: tuple[str, ...] = ()
    sm_clock_mhz: int | None = None
    memory_bytes: int | None = None
    faults: int | None = None
    device_ns: tuple[int, ...] = ()
    states: tuple[DeviceState, ...] = ()


@dataclass(frozen=True)
class Memory:
    """What one call held at most, seen in an untimed launch by `counter`: bytes before it and at its peak.

    On the host these are resident pages of the process, on a device what torch's allocator had given out. Both
    None, with the `reason`, where nothing tells.
    """

    place: Literal["host", "device"]
    counter: str = ""
    before_bytes: int | None = None
    peak_bytes: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class Energy:
    """What a counter of the hardware counted while an untimed launch repeated the call: `joules` in `seconds`.

    The counter is that of a whole processor package or device, idle power included; `idle_watts` is that power, seen
    just before with nothing to do. `joules` is None, with the `reason`, where there is no counter or no time was given
    to it.
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
        """Of its name and first block, which tell points of many records apart; the other samples are only compared."""
        first = self.launches[0] if self.launches else None
        return hash((self.name, self.parameters, first and (first.started, first.value, first.wall_ns[:1])))


@dataclass(frozen=True)
class Ratio:
    """`slow` over `fast`, both keys of points of this record; its interval comes from their launches."""

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
    """A fixed piece of work of ours that every round of the run measured beside the examples: what the machine gave.

    The `index` of a launch is its round, from 0. `made_with` names the program and the versions of what it ran on: two
    controls are comparable where it is the same. `work` is that of one call. Records that one run made share their
    rounds.
    """

    name: ControlName
    made_with: str
    launches: tuple[Launch, ...]
    work: Work | None = None


@dataclass(frozen=True)
class Output:
    """What a cell displayed in one untimed launch: text, or one MIME type with its data. `alt` says it in words."""

    cell: int
    mime: str
    data: str
    alt: str = ""


@dataclass(frozen=True)
class Record:
    """One example x machine x device x profile, all its points. `id` is the first 12 hex digits of the
    SHA-256 over the canonical JSON (RFC 8785) of everything else; the file's name is the id."""

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

    def fields(self) -> dict[str, Any]:
        """The record as plain data with its id, in the form of its schema."""
        plain: dict[str, Any] = _plain(self)
        if self.schema != SCHEMA:
            del plain["controls"]
        for control in plain.get("controls", ()):
            for launch in control["launches"]:
                del launch["memory_bytes"]
        for point in plain["points"]:
            _in_form_of(self.schema, point)
        return plain

    def point(self, key: str) -> Point | None:
        found = self.item(key)
        return found if isinstance(found, Point) else None

    def item(self, key: str) -> Point | Ratio | None:
        """The point of that key, or the ratio where no point has it."""
        return self._items.get(key)

    @cached_property
    def _items(self) -> Mapping[str, Point | Ratio]:
        every: tuple[Point | Ratio, ...] = (*self.points, *self.ratios)
        return {one.key: one for one in reversed(every)}  # the first of a key counts


def _in_form_of(schema: str, point: dict[str, Any]) -> None:
    """Takes from the plain data of a point what its schema does not have."""
    gone: tuple[str, ...] = () if schema == SCHEMA else SINCE_THIRD
    gone += () if schema == FIRST_SCHEMA else ("memory_bytes",)
    for launch in point["launches"]:
        for name in gone:
            del launch[name]
    if schema == FIRST_SCHEMA:
        for name in SINCE_SECOND:
            del point[name]
    elif schema != SCHEMA and point["energy"]:
        del point["energy"]["idle_watts"]


def method_of(device: str) -> str:
    """The present way of measuring on that device."""
    return METHOD if device == "cpu" else DEVICE_METHOD


def _plain(value: Any) -> Any:
    """Dataclasses as dictionaries; tuples of numbers, which hold most of a record, as they are."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, tuple):
        return value if value and isinstance(value[0], int | float) else tuple(map(_plain, value))
    if is_dataclass(value):
        return {member.name: _plain(getattr(value, member.name)) for member in fields(value)}
    return dict(value)


def point_key(name: str, parameters: tuple[tuple[str, Parameter], ...]) -> str:
    """`library;n=1024`: the address of a point inside its record."""
    return ";".join([name, *(f"{key}={value}" for key, value in sorted(parameters))])
