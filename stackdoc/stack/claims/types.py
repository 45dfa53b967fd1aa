"""A claim of a source, and the verdict that measurement gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from operator import ge, gt, le, lt
from typing import Literal

from stackdoc.model.record import Point, Ratio, Record
from stackdoc.statistics import Figure, format_figure, quantity
from stackdoc.statistics.roofs import Roofs

State = Literal["tested", "proxy", "arithmetic", "restated"]
Answer = Literal["holds", "holds in part", "does not hold here", "undecided", "not measurable here"]
OPERATORS = {"<": lt, "<=": le, ">": gt, ">=": ge}


@dataclass(frozen=True)
class Predicate:
    """`quantity` of every point in `points` of `example` stands in relation `op` to `value` (SI base units)."""

    example: str
    quantity: str
    points: tuple[str, ...]
    op: Literal["<", "<=", ">", ">="]
    value: float


@dataclass(frozen=True)
class Claim:
    """`text` restates the source in our words; `sources` are qualified source layers.

    `state` says how the handbook deals with it. `test` says how `predicate` judges it, `shows` what a proxy can and
    cannot show, `sum` is the arithmetic it follows from, `missing` what would test it. `doubt` is the best objection
    to the test or to the reason for none, `answer` what we reply.
    """

    id: str
    layer: str
    text: str
    sources: tuple[str, ...]
    state: State
    test: str = ""
    predicate: Predicate | None = None
    shows: str = ""
    sum: str = ""
    missing: str = ""
    doubt: str = ""
    answer: str = ""


@dataclass(frozen=True)
class Verdict:
    """The answer on one machine, the reason in words, the records it rests on."""

    answer: Answer
    reason: str
    records: tuple[str, ...] = ()


def judge(claim: Claim, record: Record | None, roofs: Roofs | None = None) -> Verdict:
    """The verdict of one machine on a claim, from its record of the claim's example.

    A point decides when its whole interval lies on one side of the value; without an interval it decides nothing.
    """
    wanted = claim.predicate
    if wanted is None:
        return Verdict("not measurable here", claim.missing or "no measurement decides it")
    if record is None:
        return Verdict("not measurable here", f"no record of {wanted.example} on this machine")
    if record.example != wanted.example:
        raise ValueError(f"{claim.id} is judged on {wanted.example}, not on {record.example}")
    figures = {key: quantity(record, key, wanted.quantity, roofs) for key in wanted.points}
    if absent := [spoken(key, record) for key, figure in figures.items() if figure is None]:
        reason = f"the record has no {wanted.quantity} of {', '.join(absent)}"
        return Verdict("not measurable here", reason, (record.id,))
    found = {spoken(key, record): figure for key, figure in figures.items() if figure is not None}
    return Verdict(*_answer(wanted, found), (record.id,))


def spoken(key: str, record: Record | None = None) -> str:
    """A point's key for people: `torch.mm (n = 512)`, by the label that the record gives it, else by its name."""
    held: tuple[Point | Ratio, ...] = (*record.points, *record.ratios) if record else ()
    label = next((one.label for one in held if one.key == key), "")
    name, *parameters = key.split(";")
    said = ", ".join(parameters).replace("=", "\u00a0=\u00a0")
    return f"{label or name} ({said})" if said else label or name


def _answer(wanted: Predicate, figures: Mapping[str, Figure]) -> tuple[Answer, str]:
    """The answer over all points, by their names for people, and the figures it rests on in words."""
    sides = {key: _side(wanted, figure) for key, figure in figures.items()}
    reason = "; ".join(_in_words(key, figure) for key, figure in figures.items())
    if all(sides.values()):
        return "holds", reason
    if all(side is False for side in sides.values()):
        return "does not hold here", reason
    if True in sides.values() and False in sides.values():
        kept = ", ".join(key for key, side in sides.items() if side)
        return "holds in part", f"for {kept} only: {reason}"
    return "undecided", reason


def _side(wanted: Predicate, figure: Figure) -> bool | None:
    """Whether the whole interval satisfies the predicate, or violates it; None where it straddles or is missing."""
    if figure.low is None or figure.high is None:
        return None
    low, high = (OPERATORS[wanted.op](bound, wanted.value) for bound in (figure.low, figure.high))
    return low if low == high else None


def _in_words(key: str, figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        why = "the machine was shared" if figure.quality == "shared" else "too few launches for an interval"
        return f"{key} is {format_figure(figure)}, {why}"
    if figure.low == figure.high:
        return f"{key} is {format_figure(figure)}"
    bounds = " to ".join(format_figure(replace(figure, value=bound)) for bound in (figure.low, figure.high))
    return f"{key} is {format_figure(figure)} (95 % interval {bounds})"
