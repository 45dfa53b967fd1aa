"""A claim against what one machine measured."""

from __future__ import annotations

import pytest

from stackdoc.model.record import Ratio
from stackdoc.stack.claims.types import Claim, Predicate
from stackdoc.stack.claims.verdict import judge
from tests.made.points import timed, valued
from tests.made.records import record

SPREAD = [0.95, 0.97, 1.0, 1.0, 1.01, 1.03, 1.05, 0.98, 1.02]


def claim(*points: str, op: str = "<", value: float = 2.0, quantity: str = "time") -> Claim:
    predicate = Predicate("kernels/gemm", quantity, points, op, value)  # type: ignore[arg-type]
    return Claim("some-claim", "kernels", "Something is so.", ("8-layer:2",), "tested", predicate=predicate)


MADE = record(timed(SPREAD, "one"), timed([3 * value for value in SPREAD], "three"), timed([1.0] * 5, "few"))


@pytest.mark.parametrize(
    ("wanted", "answer"),
    [
        (claim("one"), "holds"),
        (claim("one", op=">"), "does not hold here"),
        (claim("one", "three"), "holds in part"),
        (claim("three"), "does not hold here"),
        (claim("one", value=1.0), "undecided"),
        (claim("one", "three", value=1.0), "undecided"),  # nothing satisfies it for certain
        (claim("few"), "undecided"),
        (claim("four"), "not measurable here"),
        (claim("one", quantity="rate"), "not measurable here"),
    ],
)
def test_the_answer_is_that_of_the_whole_interval(wanted: Claim, answer: str) -> None:
    verdict = judge(wanted, MADE)
    assert verdict.answer == answer
    assert verdict.records == (MADE.id,)


@pytest.mark.parametrize(
    ("op", "answer"), [("<", "does not hold here"), ("<=", "holds"), (">", "does not hold here"), (">=", "holds")]
)
def test_an_exact_value_meets_its_own_bound(op: str, answer: str) -> None:
    wanted = claim("v", op=op, value=7.0, quantity="value")
    assert judge(wanted, record(valued([7.0] * 6))).answer == answer


def test_the_reason_holds_the_figures() -> None:
    made = record(
        timed([2.0] * 9, "slow"), timed([1.0] * 9, "fast"), ratios=(Ratio("gain", (("n", 1),), "slow", "fast"),)
    )
    verdict = judge(claim("gain;n=1", op=">=", value=1.5, quantity="ratio"), made)
    assert (verdict.answer, verdict.reason) == ("holds", "gain (n\u00a0=\u00a01) is 2×")
    assert judge(claim("one"), MADE).reason == "one is 1.00 s (95 % interval 0.97 s to 1.03 s)"
    assert judge(claim("few"), MADE).reason == "few is 1.0 s, too few launches for an interval"


def test_without_a_record_or_a_predicate_nothing_is_judged() -> None:
    assert judge(claim("one"), None).reason == "no record of kernels/gemm"
    unmeasurable = Claim("c", "fabric", "Big.", (), "restated", missing="It needs thousands of nodes.")
    assert judge(unmeasurable, None).answer == "not measurable here"
    assert judge(unmeasurable, None).reason == "It needs thousands of nodes."


def test_a_record_of_another_example_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="is judged on kernels/gemm, not on kernels/other"):
        judge(claim("one"), record(example="kernels/other"))


def test_points_of_one_label_are_judged_each_by_itself() -> None:
    """A label is for people: two points may bear the same one, and neither stands in for the other."""
    made = record(timed([3.0] * 9, "slow", label="torch.mm"), timed([1.0] * 9, "fast", label="torch.mm"))
    for points in (("slow", "fast"), ("fast", "slow")):
        verdict = judge(claim(*points), made)
        assert verdict.answer == "holds in part"
        assert verdict.reason.count("torch.mm is") == 2
        assert verdict.holds_for == ("torch.mm",)
