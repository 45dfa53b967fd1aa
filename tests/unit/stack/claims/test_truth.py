"""Whether verdicts are true: made-up launches of a known time, and values on either side of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import exp
from statistics import NormalDist, mean

import pytest

from stackdoc.model.device import DeviceState
from stackdoc.model.record import Launch, Point, Ratio, Record, Work
from stackdoc.run.schedule import next_target
from stackdoc.stack.claims.side import OPERATORS, side_of
from stackdoc.statistics.extent import CROWDED, bounds, extent
from stackdoc.statistics.roofs import Roofs
from tests.made.points import valued
from tests.made.records import record

NEAR = (0.8, 0.9, 0.95, 0.98, 1.0, 1.02, 1.05, 1.1, 1.25)  # values, as parts of the truth
FAR = (0.1, 0.2, 5.0, 10.0)
BLOCKS = 24
TRIALS = 300
Draw = random.Random


@dataclass(frozen=True)
class Noise:
    """What happens to launches: `between` is the spread of undisturbed ones, `slow` of them take 1.3 times as long.

    Of the `share` that are disturbed, blocks of 1 ms lose slices to others, or half of each block is lost, or a
    neighbour that nothing betrays makes each block up to 1.9 times longer.
    """

    between: float
    slow: float = 0.0
    share: float = 0.0
    slices: bool = False
    halves: bool = False
    neighbour: bool = False

    def launch(self, draw: Draw, index: int) -> Launch:
        """The long-run median of undisturbed launches is a millisecond."""
        middle = exp(self.between * NormalDist().inv_cdf(0.5 / (1 - self.slow)))
        own = 1e6 / middle * draw.lognormvariate(0, self.between) * (1.3 if draw.random() < self.slow else 1)
        disturbed = draw.random() < self.share
        if disturbed and self.neighbour:
            own *= draw.uniform(1.1, 1.9)
        cpu = [own * draw.lognormvariate(0, 0.01) for _ in range(BLOCKS)]
        lost = [self.lost(draw, one) if disturbed else 0.0 for one in cpu]
        wall = tuple(round(one + more) for one, more in zip(cpu, lost, strict=True))
        psi = 80.0 if self.share else 0.0
        switches = tuple(int(more > 0) for more in lost)
        return Launch(index, "2026-11-01T00:00:00Z", 1, 1, wall, tuple(map(round, cpu)), switches, psi=psi)

    def lost(self, draw: Draw, block: float) -> float:
        """How long the processor was taken from the block."""
        if self.halves:
            return block * draw.uniform(0.8, 1.2)
        return draw.expovariate(1 / 2e6) if self.slices and draw.random() < 0.7 else 0.0


NOISES = {
    "clean": Noise(0.01),
    "spread": Noise(0.12),
    "two modes": Noise(0.01, slow=0.3),
    "slices taken from half of the launches": Noise(0.03, share=0.5, slices=True),
    "slices taken from all": Noise(0.03, share=1, slices=True),
    "half of each block taken": Noise(0.03, share=1, halves=True),
    "a neighbour unseen": Noise(0.03, share=1, neighbour=True),
    "slices and a neighbour": Noise(0.06, share=0.8, slices=True, neighbour=True),
}


def time(draw: Draw, noise: Noise, profile: str) -> Record:
    """As many launches as a run of that profile makes."""
    made: list[Launch] = []
    wanted = 6 if profile == "quick" else 9
    while len(made) < wanted:
        made += [noise.launch(draw, index) for index in range(len(made), wanted)]
        wanted = next_target(profile, 0, len(made), [Point("a", (), "time", tuple(made))])  # type: ignore[arg-type]
    return record(Point("a", (), "time", tuple(made)))


def ratio(draw: Draw, noise: Noise, profile: str) -> Record:
    """Two sides of the same length, each disturbed by itself."""
    one, other = time(draw, noise, profile).points[0], time(draw, noise, profile).points[0]
    return record(one, replace(other, name="b"), ratios=(Ratio("r", (), "a", "b"),))


def value(draw: Draw, noise: Noise, profile: str) -> Record:
    count = 6 if profile == "quick" else 9
    return record(valued((draw.lognormvariate(0, noise.between) for _ in range(count)), "v"))


MADE: dict[str, tuple[Callable[[Draw, Noise, str], Record], str, float]] = {
    "time": (time, "a", 1e-3),
    "ratio": (ratio, "r", 1.0),
    "value": (value, "v", 1.0),
}


CASES = [(quantity, name) for quantity in MADE for name in NOISES if quantity != "value" or not NOISES[name].share]


def verdicts(quantity: str, noise: Noise, parts: Sequence[float]) -> tuple[float, float]:
    """The share of wrong verdicts at the value and relation that has most; the share of all that are undecided."""
    draw = random.Random(f"{quantity} {noise}")
    make, key, truth = MADE[quantity]
    asked = [(part * truth, op) for part in parts for op in OPERATORS]
    met: list[list[bool | None]] = [[] for _ in asked]
    for trial in range(TRIALS):
        made = make(draw, noise, ("quick", "full")[trial % 2])
        for (bound, op), found in zip(asked, met, strict=True):
            side = side_of(made, key, quantity, op, bound)
            assert side is not None
            found.append(side.meets)
    wrong = [
        found.count(not OPERATORS[op](truth, bound)) / TRIALS for (bound, op), found in zip(asked, met, strict=True)
    ]
    return max(wrong), mean(one is None for found in met for one in found)


@pytest.mark.truth
@pytest.mark.bar(3)
@pytest.mark.bar(4)
@pytest.mark.parametrize(("quantity", "name"), CASES)
def test_at_most_one_verdict_in_twenty_is_wrong(
    quantity: str, name: str, record_property: Callable[[str, object], None]
) -> None:
    near, far = verdicts(quantity, NOISES[name], NEAR), verdicts(quantity, NOISES[name], FAR)
    shares = f"{near[0]:.1%} wrong at worst, {near[1]:.0%} undecided at 0.8 to 1.25 of the truth"
    record_property("measured", f"verdicts on a {quantity}, {name}: {shares}, {far[1]:.0%} at 5 and 10 times")
    assert near[0] <= 0.05
    assert far[0] == 0


def test_a_figure_far_from_its_value_is_decided_however_noisy() -> None:
    draw, noise = random.Random(1), NOISES["slices and a neighbour"]
    made = time(draw, noise, "quick")
    far, near = side_of(made, "a", "time", "<", 45e-3), side_of(made, "a", "time", "<", 1.2e-3)
    assert far is not None
    assert near is not None
    assert (far.figure.quality, far.meets, far.basis, near.meets) == ("shared", True, "extent", None)
    assert "at most" in far.words
    assert "however disturbed" in far.words
    assert "the machine was shared" in near.words


def test_the_least_of_a_launch_allows_for_a_neighbour_and_for_displaced_time() -> None:
    launch = Launch(0, "", 2, 1, (4_000_000, 9_000_000, 6_000_000), (4_000_000, 3_000_000, 6_000_000), (0, 2, 0))
    assert bounds(launch) == (pytest.approx(3e-3 / 2 / CROWDED), pytest.approx(3e-3))
    on_device = replace(launch, cpu_ns=(), switches=())
    assert bounds(on_device) == (pytest.approx(2e-3), pytest.approx(3e-3))
    shared = replace(on_device, states=(DeviceState(), DeviceState(neighbours=3), DeviceState(neighbours=1)))
    assert bounds(shared) == (pytest.approx(2e-3 / 4), pytest.approx(3e-3))


def test_beside_neighbours_on_a_device_its_own_time_decides_only_what_they_leave_open() -> None:
    """What a program waits, 8 ms, says nothing of the kernel, which took 1 ms beside another process."""
    states = (DeviceState(neighbours=1),)
    launches = tuple(
        Launch(at, "", 1, 1, (8_000_000,) * 3, device_ns=(1_000_000,) * 3, states=states) for at in range(6)
    )
    made = record(Point("a", (), "time", launches, clock="device-events", work=Work(bytes=1e6)), device="cuda")
    assert extent(made, "a", "bandwidth") == pytest.approx((1e9, 2e9))
    assert extent(made, "a", "device-time") == pytest.approx((0.5e-3, 1e-3))
    assert extent(made, "a", "time") == pytest.approx((4e-3, 8e-3))
    sides = [side_of(made, "a", "bandwidth", ">", value) for value in (0.9e9, 1.5e9, 2.1e9)]
    assert [side.meets for side in sides if side] == [True, None, False]


def test_quantities_that_follow_from_a_time_turn_its_extent_round() -> None:
    launches = tuple(Launch(at, "", 1, 1, (2_000_000,) * 3, (1_900_000,) * 3, (0,) * 3) for at in range(6))
    made = record(Point("a", (), "time", launches, work=Work(flop=8e6, bytes=4e6), dtype="float32"))
    roofs = Roofs((("float32", 16e9),), ((1_000_000, 1e10),))
    assert extent(made, "a", "time") == pytest.approx((1e-3, 2e-3))
    assert extent(made, "a", "rate") == pytest.approx((4e9, 8e9))
    assert extent(made, "a", "bandwidth") == pytest.approx((2e9, 4e9))
    assert extent(made, "a", "roof-share", roofs) == pytest.approx((0.25, 0.5))
    few = replace(made, points=(replace(made.points[0], launches=launches[:5]),))
    others = [extent(made, "a", name) for name in ("value", "ratio", "memory", "intensity", "roof-share")]
    assert [extent(few, "a", "time"), extent(made, "b", "time"), *others] == [None] * 7
