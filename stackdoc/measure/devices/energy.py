"""Energy from counters of the hardware, never from a rated power. No counter, no figure."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stackdoc.model.record import Energy

IDLE_S = 0.5  # with nothing to do, before the calls
WINDOW_S = 2.0  # counters are brought up to date some ten times a second
POWERCAP = Path("/sys/class/powercap")
BATCH_NS = 50_000_000  # calls between two looks at the clock


@dataclass(frozen=True)
class Counter:
    """`read` gives each zone's state in units of `joules`; a zone starts again at 0 after its entry in `ranges`."""

    name: str
    read: Callable[[], tuple[int, ...]]
    ranges: tuple[int, ...]
    joules: float

    def between(self, before: tuple[int, ...], after: tuple[int, ...]) -> float:
        steps = zip(before, after, self.ranges, strict=True)
        return self.joules * sum((new - old) % wrap for old, new, wrap in steps)


def energy_of(
    call: Callable[[], Any], call_ns: int, counter: Counter, synchronise: Callable[[], None], window_s: float
) -> Energy:
    """Repeats the call, of about `call_ns`, for the window. `synchronise` waits for a device to have done it all."""
    batch = max(BATCH_NS // max(call_ns, 1), 1)
    synchronise()
    idle_watts = _idle(counter)
    calls, spent = 0, 0.0
    before = counter.read()
    start = time.perf_counter()
    while not calls or spent < window_s:
        for _ in range(batch):
            call()
        synchronise()
        calls += batch
        spent = time.perf_counter() - start
    joules = counter.between(before, counter.read())
    if joules <= 0:
        return Energy(counter.name, reason="the counter stood still")
    return Energy(counter.name, joules, spent, calls, idle_watts=idle_watts)


def _idle(counter: Counter) -> float:
    """The power in watts while this process sleeps."""
    before, start = counter.read(), time.perf_counter()
    time.sleep(IDLE_S)
    return counter.between(before, counter.read()) / (time.perf_counter() - start)


def rapl(powercap: Path = POWERCAP) -> Counter | str:
    """The processor packages' counter of Linux's powercap, or why there is none."""
    zones = list(_packages(powercap))
    if not zones:
        return "no RAPL counter"
    try:
        ranges = tuple(_number(zone / "max_energy_range_uj") for zone in zones)
        tuple(_number(zone / "energy_uj") for zone in zones)
    except PermissionError:
        return "the RAPL counter may be read by root alone"
    except (OSError, ValueError):
        return "the RAPL counter can't be read"
    return Counter("RAPL package", lambda: tuple(_number(zone / "energy_uj") for zone in zones), ranges, 1e-6)


def _packages(powercap: Path) -> Iterator[Path]:
    """Zones of whole packages; their parts stand below them and are in them."""
    for zone in sorted(powercap.glob("intel-rapl:*")):
        if zone.name.count(":") == 1:
            yield zone


def _number(path: Path) -> int:
    return int(path.read_text(encoding="ascii"))
