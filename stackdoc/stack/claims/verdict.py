"""The verdict that the measurements of one machine give on a claim."""

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


@dataclass(frozen=True)
class Verdict:
    """The answer on one machine, the reason in words, the records it rests on.

    `disturbed`: launches decide of which some were disturbed, since all of them lie on one side.
    """

    answer: Answer
    reason: str
    records: tuple[str, ...] = ()
    disturbed: bool = False


def judge(claim: Claim, record: Record | None, roofs: Roofs | None = None) -> Verdict:
    """The verdict of one machine on a claim, from its record of the claim's example."""
    wanted = claim.predicate
    if wanted is None:
        return unjudged(claim)
    if record is None:
        return Verdict("not measurable here", f"no record of {wanted.example} on this machine")
    if record.example != wanted.example:
        raise ValueError(f"{claim.id} is judged on {wanted.example}, not on {record.example}")
    if claim.devices and record.device not in claim.devices:
        return elsewhere(claim)
    sides = {key: side_of(record, key, wanted.quantity, wanted.op, wanted.value, roofs) for key in wanted.points}
    if absent := [spoken(key, record) for key, side in sides.items() if side is None]:
        reason = f"the record has no {wanted.quantity} of {', '.join(absent)}"
        return Verdict("not measurable here", reason, (record.id,))
    found = [(spoken(key, record), side) for key, side in sides.items() if side is not None]
    return Verdict(*_answer(found), (record.id,), any(side.basis == "extent" for _, side in found))


def unjudged(claim: Claim) -> Verdict:
    """Of a claim without a predicate: why there is none."""
    reason = "it follows from arithmetic" if claim.state == "arithmetic" else claim.missing
    return Verdict("not measurable here", reason or "no measurement decides it")


def elsewhere(claim: Claim) -> Verdict:
    """Of a claim about other devices than the one at hand."""
    return Verdict("not measurable here", f"it is about {' and '.join(claim.devices)}")


def spoken(key: str, record: Record | None = None) -> str:
    """A point's key for people: `torch.mm (n = 512)`, by the label that the record gives it, else by its name."""
    held: tuple[Point | Ratio, ...] = (*record.points, *record.ratios) if record else ()
    label = next((one.label for one in held if one.key == key), "")
    name, *parameters = key.split(";")
    said = ", ".join(parameters).replace("=", "\u00a0=\u00a0")
    return f"{label or name} ({said})" if said else label or name


def _answer(sides: Sequence[tuple[str, Side]]) -> tuple[Answer, str]:
    """The answer over all points, each with its name for people, and the figures it rests on in words."""
    reason = "; ".join(f"{name} is {side.words}" for name, side in sides)
    met = [side.meets for _, side in sides]
    if all(met):
        return "holds", reason
    if all(one is False for one in met):
        return "does not hold here", reason
    if True in met and False in met:
        kept = ", ".join(name for name, side in sides if side.meets)
        return "holds in part", f"for {kept} only: {reason}"
    return "undecided", reason
