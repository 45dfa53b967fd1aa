"""Time a call: warm up, find the number of calls of a block, and take many short blocks."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import Any

from stackdoc.measure.devices.clock import Block, Call, Clock, Conditions
from stackdoc.measure.devices.nvml import POWER_LIMIT
from stackdoc.measure.devices.signals import over_launch
from stackdoc.model.record import TIME_FORMAT, Launch
from stackdoc.statistics.samples import CLEAN_BLOCKS, is_clean

MILLISECOND = 1_000_000
LONG_CALL_NS = MILLISECOND  # a call of at least this length is a block by itself
BLOCK_NS = 1_500_000  # the length of a block: shorter than a time slice of the scheduler
WARM_CALLS = 3  # the least number: often even the second call is still slow
MAX_BUDGETS = 3  # that a point may take while it has too few clean blocks


@dataclass(frozen=True)
class Budget:
    """The time for warming up and for measuring one point in one launch, in nanoseconds.

    Measuring ends early after `enough` clean blocks: launches differ more than the blocks of one launch do.
    """

    warm_ns: int
    measure_ns: int
    enough: int = 40


BUDGETS = {
    "quick": Budget(30 * MILLISECOND, 200 * MILLISECOND, 30),
    "full": Budget(60 * MILLISECOND, 300 * MILLISECOND, 40),
}


def time_calls(
    call: Call, clock: Clock, budget: Budget, *, index: int = 0, started: str = "", first_ns: int = 0
) -> Launch:
    """Measure until there are `budget.enough` clean blocks or the budget is spent.

    With fewer than 20 clean blocks it goes on for up to three budgets. There is at least one block. `first_ns` is the
    time of a first call that was made already and counts as warm-up.
    """
    with _gc_paused():
        calls, warmup = _warm_up(call, clock, budget, first_ns)
        before = clock.conditions()
        blocks, halfway = _blocks(call, clock, calls, budget)
        after = clock.conditions()
    signals: Mapping[str, Any] = over_launch(before.signals, after.signals)
    on_device = any(block.cpu_ns is None for block in blocks)
    states = tuple(conditions.state for conditions in (before, *halfway, after) if conditions.state)
    return Launch(
        index=index,
        started=started,
        calls=calls,
        warmup_calls=warmup,
        wall_ns=tuple(block.wall_ns for block in blocks),
        cpu_ns=() if on_device else tuple(block.cpu_ns or 0 for block in blocks),
        switches=() if on_device else tuple(block.switches or 0 for block in blocks),
        throttle=tuple(dict.fromkeys(reason for state in states for reason in state.reasons if reason != POWER_LIMIT)),
        sm_clock_mhz=states[-1].sm_clock_mhz if states else None,
        device_ns=_device_times(blocks),
        states=states,
        **signals,
    )


def timestamp() -> str:
    """Return the current time (UTC) in the form that records use."""
    return datetime.now(UTC).strftime(TIME_FORMAT)


def _device_times(blocks: Sequence[Block]) -> tuple[int, ...]:
    """Return the device's own times of the blocks; none if that of any block is unknown."""
    known = tuple(block.device_ns for block in blocks if block.device_ns is not None)
    return known if len(known) == len(blocks) else ()


def _warm_up(call: Call, clock: Clock, budget: Budget, first_ns: int) -> tuple[int, int]:
    """Return the number of calls of a block, and of calls made so far. A call as long as the budget is not repeated."""
    calls, made, spent = 1, 1 if first_ns else 0, first_ns
    if first_ns >= budget.measure_ns:
        return calls, made
    while True:
        wall = clock.block(call, calls).wall_ns
        made += calls
        spent += wall
        wanted = _calls_for(max(wall, 1) / calls, clock.longest)
        settled = calls <= 2 * wanted and wanted <= 2 * calls
        calls = min(wanted, 8 * calls)
        if (settled and made >= WARM_CALLS and spent >= budget.warm_ns) or spent >= budget.measure_ns:
            return calls, made


def _calls_for(call_ns: float, longest: int) -> int:
    return 1 if call_ns >= LONG_CALL_NS else min(ceil(BLOCK_NS / call_ns), longest)


def _blocks(call: Call, clock: Clock, calls: int, budget: Budget) -> tuple[list[Block], list[Conditions]]:
    """Return the blocks and, on a device, its conditions halfway. Nothing is done between the blocks of a CPU."""
    blocks: list[Block] = []
    halfway: list[Conditions] = []
    spent = clean = 0
    while (clean < budget.enough and spent < budget.measure_ns) or (
        clean < CLEAN_BLOCKS and spent < MAX_BUDGETS * budget.measure_ns
    ):
        block = clock.block(call, calls)
        blocks.append(block)
        spent += max(block.wall_ns, 1)
        clean += block.cpu_ns is None or is_clean(block.wall_ns, block.cpu_ns, block.switches or 0)
        if block.cpu_ns is None and len(blocks) == budget.enough // 2:
            halfway.append(clock.conditions())
    return blocks, halfway


@contextmanager
def _gc_paused() -> Iterator[None]:
    """Collect garbage now, and not during a block."""
    enabled = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
