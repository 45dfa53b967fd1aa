"""Between records: what runs differ by is in the interval, and where the machine moved the words say so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, permutations
from math import exp, log
from random import Random
from statistics import fmean
from typing import Any

import pytest
from scipy import stats

from stackdoc.model.machine import Software
from stackdoc.model.record import Control, ControlName, Record, Work
from stackdoc.statistics import compare
from stackdoc.statistics.between import RunHistory, Spread, half_width, pooled, spread_of_figures
from stackdoc.statistics.controls import describe_moves, moves, relevant_controls
from stackdoc.statistics.prior import PRIOR
from stackdoc.statistics.student import critical_value
from tests.made.points import NINE, timed, valued
from tests.made.records import MACHINE, record
from tests.made.runs import CONTROLS, MADE, PLANTED, POINTS, Runs, planted

DIFFERENT = ("faster", "slower", "higher", "lower")
NONE = RunHistory()


@dataclass
class Tally:
    """Shares of comparisons: of equal work called different, of planted work found, of planted ratios covered."""

    different: float
    found: float
    covered: float

    def __str__(self) -> str:
        return f"{self.different:.0%} called different, 1.25 found in {self.found:.0%}, covered in {self.covered:.0%}"

    @classmethod
    def of(cls, boxes: Sequence[Sequence[Record]], *, known: bool) -> Tally:
        same, more = [], []
        for records in boxes:
            run_history = RunHistory(records) if known else NONE
            for a, b in combinations(records, 2):
                same += [compare(a, b, name, run_history).word in DIFFERENT for name in POINTS]
            for a, b in list(permutations(records, 2))[:: len(records) // 4]:
                more += [compare(a, planted(b), name, run_history) for name in POINTS]
        return cls(
            sum(same) / len(same),
            sum(one.word == "slower" for one in more) / len(more),
            sum((one.low or 0) <= PLANTED <= (one.high or 0) for one in more) / len(more),
        )


def boxes(number: int, records: int, **given: Any) -> list[list[Record]]:
    return [[runs.next() for _ in range(records)] for runs in (Runs(seed, **given) for seed in range(number))]


def held(tally: Tally, record_property: Callable[[str, object], None], what: str, found: float = 0.8) -> None:
    record_property("measured", f"simulated, {what}: {tally}")
    assert tally.different <= 0.1
    assert tally.covered >= 0.9
    assert tally.found >= found


@pytest.mark.bar(8)
@pytest.mark.parametrize(("spread", "found"), [(0.005, 0.95), (0.02, 0.8)])
def test_two_records_and_nothing_else_keep_the_bar(
    spread: float, found: float, record_property: Callable[[str, object], None]
) -> None:
    held(Tally.of(boxes(2, 10, spread=spread), known=False), record_property, f"spread {spread}", found)


@pytest.mark.bar(8)
def test_a_box_more_restless_than_the_prior_raises_few_false_alarms(
    record_property: Callable[[str, object], None],
) -> None:
    """Runs differ by 4 %, and examples by as much again: controls widen the intervals, history does the rest."""
    records = boxes(2, 10, spread=0.04)
    tally, known = Tally.of(records, known=False), Tally.of(records, known=True)
    record_property("measured", f"simulated, spread 0.04: {tally}; with a history: {known}")
    assert max(tally.different, known.different) <= 0.1
    assert known.covered >= 0.9


@pytest.mark.bar(8)
def test_a_box_with_a_history_keeps_the_bar(record_property: Callable[[str, object], None]) -> None:
    held(Tally.of(boxes(2, 10, spread=0.02), known=True), record_property, "with a history")


SLOW: dict[ControlName, float] = {"interpreter": 1.9, "dispatch": 2.0}


@pytest.mark.bar(8)
@pytest.mark.parametrize("known", [False, True])
def test_runs_in_one_of_two_modes_keep_the_bar(known: bool, record_property: Callable[[str, object], None]) -> None:
    """As a chain of 600 microseconds that takes 300 in other runs: the controls of its kind move with it.

    Of records in different modes, a planted 1.25 is found in one direction alone: in the other it is less than what the
    machine did.
    """
    tally = Tally.of(boxes(2, 10, spread=0.015, slow=SLOW), known=known)
    held(tally, record_property, f"two modes, {'with' if known else 'without'} a history", 0.7)


def test_a_mode_that_no_control_sees_is_learnt_from_history() -> None:
    """Allocators and the places of pages have such modes: two records can't tell, ten can."""
    fast, slow = ([value * factor for value in NINE[:6]] for factor in (1.0, 1.5))
    records = [
        record(timed(slow if number % 3 == 0 else fast), id=f"{number:012x}", measured_at=f"2026-11-0{number + 1}")
        for number in range(9)
    ]
    assert compare(records[1], records[3], "a").word == "slower"
    assert compare(records[1], records[3], "a", RunHistory(records)).word in (
        "ambiguous",
        "no difference we can measure",
    )


def test_history_of_other_software_or_source_tells_nothing_of_the_spread() -> None:
    """Records of two versions of a package differ for a reason: only what differs within a version is spread."""
    other = Software("3.11.2", "Debian GNU/Linux 12", "6.1", "0.1.0", {"torch": "2.14.0"})
    same = [record(timed([value * 1.001**number for value in NINE]), id=f"{number:012x}") for number in range(8)]
    faster = [replace(one, id=f"a{one.id[1:]}", software=other, points=(timed([v / 2 for v in NINE]),)) for one in same]
    edited = [
        replace(one, id=f"b{one.id[1:]}", digest="e" * 64, points=(timed([v / 9 for v in NINE]),)) for one in same
    ]
    found = compare(same[0], faster[0], "a", RunHistory([*same, *faster, *edited]))
    assert found.word == "faster"
    assert "14 other records" in found.between
    assert found.low is not None
    assert found.low > 0.45


def test_a_long_quiet_history_makes_small_differences_seen() -> None:
    records = [record(timed(NINE), id=f"{number:012x}") for number in range(30)]
    more = record(timed([1.12 * value for value in NINE]), id="f" * 12)
    assert compare(records[0], more, "a").word not in DIFFERENT
    assert compare(records[0], more, "a", RunHistory(records)).word == "slower"


def with_controls(record: Record, slower: float, **only: float) -> Record:
    """The record with controls, all so many times slower than usual but for those given."""
    made = [
        Control(name, MADE, timed([seconds * only.get(name, slower) * v for v in NINE]).launches, work)
        for name, (seconds, work) in CONTROLS.items()
    ]
    return replace(record, controls=tuple(made))


def test_a_machine_that_moved_is_named_and_what_it_explains_is_no_difference() -> None:
    quick, slow = (record(timed([f * v for v in NINE]), id=f"{i:012x}") for i, f in enumerate((1.0, 1.4)))
    a, b = with_controls(quick, 1.0), with_controls(slow, 1.4)
    assert compare(quick, slow, "a").word == "slower"
    found = compare(a, b, "a")
    assert found.word == "the machine itself moved"
    assert found.machine.startswith("the machine itself was 1.40 times slower (control product, 1.3")
    assert found.ratio == pytest.approx(1.4)
    assert (found.low or 0) < 1.0 < 1.4 < (found.high or 0)
    back = compare(b, a, "a")
    assert back.machine.startswith("the machine itself was 1.40 times faster (control product")
    assert (back.low, back.high) == (pytest.approx(1 / (found.high or 1)), pytest.approx(1 / (found.low or 1)))


def test_a_difference_beyond_what_the_machine_did_is_still_one() -> None:
    a = with_controls(record(timed(NINE)), 1.0)
    b = with_controls(record(timed([2.5 * v for v in NINE]), id="b" * 12), 1.4)
    assert compare(a, b, "a").word == "slower"


def test_a_faster_example_on_a_slower_machine_is_not_hidden() -> None:
    a = with_controls(record(timed(NINE)), 1.0)
    b = with_controls(record(timed([0.6 * v for v in NINE]), id="b" * 12), 1.4)
    found = compare(a, b, "a")
    assert (found.word, (found.high or 1) < 0.75) == ("faster", True)


def test_only_controls_of_the_kind_of_work_explain_anything() -> None:
    """The memory was slower; a product that is slower too must have another reason."""
    work = Work(flop=2 * 2e11, bytes=1e6)
    a = with_controls(record(timed(NINE, work=work)), 1.0)
    b = with_controls(record(timed([1.5 * v for v in NINE], work=work), id="b" * 12), 1.0, triad=1.5)
    found = compare(a, b, "a")
    assert (found.word, found.machine) == ("slower", "")
    assert describe_moves(moves(a, b)).startswith("the machine itself was 1.50 times slower (control triad")


def test_other_machines_have_other_controls_and_nothing_moved() -> None:
    a = with_controls(record(timed(NINE)), 1.0)
    b = with_controls(record(timed([2 * v for v in NINE]), machine=replace(MACHINE, id="other-1c-1g-0000")), 2.0)
    assert moves(a, b) == ()
    assert (compare(a, b, "a").word, compare(a, b, "a").machine) == ("slower", "")


def test_controls_of_another_program_or_of_the_same_run_say_nothing() -> None:
    a = with_controls(record(timed(NINE)), 1.0)
    newer = [
        replace(one, made_with=MADE.replace("NumPy 2.3.1", "NumPy 2.4.0")) for one in with_controls(a, 2.0).controls
    ]
    assert moves(a, replace(a, id="b" * 12, controls=tuple(newer))) == ()
    assert moves(a, replace(a, id="b" * 12)) == ()


@pytest.mark.parametrize(
    ("work", "explained"),
    [
        (Work(flop=2e11, bytes=1e6), ("product",)),
        (Work(flop=1e6, bytes=6e10), ("triad",)),
        (Work(flop=200), ("interpreter", "dispatch")),
        (None, ("product", "triad", "interpreter", "dispatch")),
    ],
)
def test_the_rates_of_the_controls_tell_the_kind_of_a_point(
    work: Work | None, explained: tuple[ControlName, ...]
) -> None:
    point = timed(NINE, work=work)
    assert relevant_controls(point, with_controls(record(point), 1.0)) == explained
    assert relevant_controls(replace(point, clock="device-events"), with_controls(record(point), 1.0)) == ()


def test_a_count_on_which_all_launches_agree_needs_no_spread() -> None:
    a, b = (record(valued([value] * 6, name="a", unit="B"), id=f"{value:012.0f}") for value in (100.0, 104.0))
    found = compare(a, b, "a")
    assert (found.low, found.high) == (1.04, 1.04)


def test_records_that_differ_beyond_belief_are_compared_all_the_same() -> None:
    """A stranger's record holds any number that can be written; a page is built of it."""
    tiny, huge = ([value * scale for value in NINE] for scale in (1e-99, 1e99))
    records = [record(valued(values, "a"), id=f"{at:012x}") for at, values in enumerate((tiny, huge, tiny, huge))]
    found = compare(records[0], records[1], "a", RunHistory(records))
    assert found.ratio == pytest.approx(1e198)
    assert 0 < (found.low or 0) < (found.high or 0)


def test_controls_of_no_work_have_no_rate() -> None:
    point = timed(NINE, work=Work(flop=2e11, bytes=1e6))
    made = with_controls(record(point), 1.0)
    idle = replace(made, controls=tuple(replace(one, work=Work()) for one in made.controls))
    assert relevant_controls(point, idle) == ("product", "triad", "interpreter", "dispatch")


def test_a_rate_moves_against_the_time_of_the_controls() -> None:
    quick, slow = (
        record(valued([v / f for v in NINE], name="a", unit="token/s", better="higher"), id=f"{i:012x}")
        for i, f in enumerate((1.0, 1.4))
    )
    found = compare(with_controls(quick, 1.0), with_controls(slow, 1.4), "a")
    assert found.word == "the machine itself moved"


@pytest.mark.parametrize("freedom", [1.0, 1.7, 2.0, 4.3, 12.0, 250.0])
def test_the_reach_of_t_is_scipys(freedom: float) -> None:
    assert critical_value(freedom, 0.95) == pytest.approx(stats.t.ppf(0.975, freedom), rel=1e-6)


def unrelated(draw: Random, count: int, deviation: float) -> list[Record]:
    """Records whose figures and controls vary by as much, but independently: no control explains anything."""
    made = []
    for number in range(count):
        controls = tuple(
            Control(name, MADE, timed([exp(draw.gauss(0, deviation))]).launches, None) for name in CONTROLS
        )
        point = timed([exp(draw.gauss(0, deviation))])
        made.append(record(point, id=f"{number:012x}", controls=controls))
    return made


@pytest.mark.parametrize("count", [2, 3, 4, 6])
def test_a_short_history_does_not_underestimate_the_spread(count: int) -> None:
    """The least of five estimates, one of them unexplained, is a third of the truth for two records."""
    draw, deviation = Random(count), 0.15
    spreads = []
    for _ in range(400):
        records = unrelated(draw, count, deviation)
        spread = spread_of_figures(records, records[0].points[0], tuple(CONTROLS))
        assert spread is not None
        spreads.append(spread)
    assert fmean(spread.variance for spread in spreads) > 0.85 * deviation**2
    covered = [abs(draw.gauss(0, deviation * 2**0.5)) <= half_width([spread]) for spread in spreads]
    assert fmean(covered) >= 0.93


def test_what_a_control_explains_is_not_spread_once_the_history_is_long_enough() -> None:
    draw = Random(1)
    records = []
    for number, slower in enumerate(exp(draw.gauss(0, 0.3)) for _ in range(9)):
        point = timed([slower * exp(draw.gauss(0, 0.01))])
        records.append(with_controls(record(point, id=f"{number:012x}"), slower))
    spread = spread_of_figures(records, records[0].points[0], ("product",))
    assert spread is not None
    assert 0.01 < spread.variance**0.5 < 0.05


def test_variances_are_pooled_within_groups_and_add_over_two_machines() -> None:
    assert pooled({"a": [1.0], "b": []}) is None
    found = pooled({"a": [0.0, 2.0], "b": [10.0, 11.0, 12.0]})
    assert found is not None
    assert (found.variance, found.freedom, found.source) == (pytest.approx(4 / 3), 3, "")
    one, other = Spread(0.01, 4), Spread(0.03, 8)
    freedom = 0.04**2 / (0.01**2 / 4 + 0.03**2 / 8)
    assert half_width([one, other]) == pytest.approx(0.2 * stats.t.ppf(0.975, freedom), rel=1e-2)
    assert half_width([one]) == pytest.approx(stats.t.ppf(0.975, 4) * 0.02**0.5)


def test_the_controls_of_a_restless_machine_widen_its_intervals() -> None:
    """Movements of less than 5 % are no news of the machine; they are spread."""
    calm = [with_controls(record(timed(NINE), id=f"{n:012x}"), 1.0 + 0.0001 * n) for n in range(9)]
    restless = [with_controls(record(timed(NINE), id=f"{n:012x}"), 1.0 + 0.05 * (n % 2)) for n in range(9)]
    widths = []
    for records in (calm, restless):
        found = compare(records[0], replace(records[1], points=calm[1].points), "a", RunHistory(records[2:]))
        widths.append(log(found.high or 0) - log(found.low or 1))
    assert widths[0] < widths[1]
    assert all(log(1.001) < deviation < log(1.1) for deviation, _ in PRIOR.values())
