"""Judge a claim by the measurements of one machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from stackdoc.model.record import Point, Ratio, Record
from stackdoc.stack.claims.side import Side, side_of
from stackdoc.stack.claims.types import Claim
from stackdoc.statistics.roofs import Roofs

Answer = Literal["holds", "holds in part", "does not hold here", "undecided", "not measurable here"]
ANSWERS: tuple[Answer, ...] = get_args(Answer)
UNDECIDED: tuple[Answer, ...] = ("undecided", "not measurable here")


@dataclass(frozen=True)
class Verdict:
    """The answer on one machine, the reason in words, and the ids of the records that it rests on.

    `disturbed` means that the extent of all launches decides, disturbed ones included. `holds_for` names the points for
    which a claim holds, if it holds in part only.
    """

    answer: Answer
    reason: str
    records: tuple[str, ...] = ()
    disturbed: bool = False
    holds_for: tuple[str, ...] = ()


def judge(claim: Claim, record: Record | None, roofs: Roofs | None = None) -> Verdict:
    """Judge a claim by the record of its example on one machine.

    Raises ValueError for a record of another example.
    """
    predicate = claim.predicate
    if predicate is None:
        return unjudged(claim)
    if record is None:
        return Verdict("not measurable here", f"no record of {predicate.example}")
    if record.example != predicate.example:
        raise ValueError(f"{claim.id} is judged on {predicate.example}, not on {record.example}")
    if claim.devices and record.device not in claim.devices:
        return other_device(claim)
    sides = {
        key: side_of(record, key, predicate.quantity, predicate.op, predicate.value, roofs) for key in predicate.points
    }
    if missing := [point_words(key, record) for key, side in sides.items() if side is None]:
        reason = f"the record has no {predicate.quantity} of {', '.join(missing)}"
        return Verdict("not measurable here", reason, (record.id,))
    measured = [(point_words(key, record), side) for key, side in sides.items() if side is not None]
    return _verdict(measured, record)


def required_answers(claim: Claim) -> tuple[Answer, ...]:
    """Return the answers that some machine may give: a claim with a single point can't hold in part."""
    single = claim.predicate is not None and len(claim.predicate.points) == 1
    return tuple(answer for answer in ANSWERS if not (single and answer == "holds in part"))


def unjudged(claim: Claim) -> Verdict:
    """Return the verdict on a claim that has no predicate."""
    reason = "it follows from arithmetic" if claim.state == "arithmetic" else claim.missing
    return Verdict("not measurable here", reason or "no measurement decides it")


def other_device(claim: Claim) -> Verdict:
    """Return the verdict on a claim about other devices than that of the record."""
    return Verdict("not measurable here", f"it is about {' and '.join(claim.devices)}")


def point_words(key: str, record: Record | None = None) -> str:
    """Describe a point by its label in the record, or else its name: `torch.mm (n = 512)`."""
    items: tuple[Point | Ratio, ...] = (*record.points, *record.ratios) if record else ()
    label = next((item.label for item in items if item.key == key), "")
    name, *parameters = key.split(";")
    values = ", ".join(parameters).replace("=", "\u00a0=\u00a0")
    return f"{label or name} ({values})" if values else label or name


def _verdict(sides: Sequence[tuple[str, Side]], record: Record) -> Verdict:
    """Combine the sides of all points, each with its words for people."""
    reason = "; ".join(f"{name} is {side.words}" for name, side in sides)
    holds_for: tuple[str, ...] = ()
    met = [side.meets for _, side in sides]
    answer: Answer = "undecided"
    if all(met):
        answer = "holds"
    elif all(meets is False for meets in met):
        answer = "does not hold here"
    elif True in met and False in met:
        answer, holds_for = "holds in part", tuple(name for name, side in sides if side.meets)
        reason = f"for {', '.join(holds_for)} only: {reason}"
    disturbed = any(side.basis == "extent" for _, side in sides)
    return Verdict(answer, reason, (record.id,), disturbed, holds_for)
