"""A gap between a measured time and its prediction, with its cause as an experiment shows it."""

from __future__ import annotations

from dataclasses import dataclass

from stackdoc.model.record import Prediction, Record
from stackdoc.statistics import quantity

WIDE = 1.5  # times its prediction, above which a measured time needs a reason
NO_BOUND = 1 / 1.03  # of its prediction, below which a bound bounded nothing
NO_ESTIMATE = 1 / 1.25  # of its prediction, below which an estimate was wrong
ROOFS = ("roof", "bandwidth")  # what a term of a bound names


@dataclass(frozen=True)
class Gap:
    """`points` of `example` are names of points, or whole keys; `cause` is Markdown with roles.

    `shown_by` is an example and a point of it, as the role `measured` names them: the experiment that shows the cause.
    """

    id: str
    example: str
    points: tuple[str, ...]
    cause: str
    shown_by: str


def times_predicted(record: Record) -> dict[str, float]:
    """The measured time over the prediction, by the keys of the points that have both."""
    said = {point.key: point.prediction.seconds for point in record.points if point.prediction}
    figures = {key: quantity(record, key, "time") for key, seconds in said.items() if seconds > 0}
    return {key: figure.value / said[key] for key, figure in figures.items() if figure}


def bounds(prediction: Prediction) -> bool:
    """Whether it is made from roofs alone: each term of its formula names one.

    Any other is an estimate: parts that were timed alone, a call or a dispatch may take less time together.
    """
    return all(any(roof in term for roof in ROOFS) for term in prediction.formula.split(" + "))


def least(prediction: Prediction) -> float:
    """The part of the prediction that a measured time must reach."""
    return NO_BOUND if bounds(prediction) else NO_ESTIMATE


def wide(record: Record) -> dict[str, float]:
    """Those measured at more than 1.5 times their prediction."""
    return {key: times for key, times in times_predicted(record).items() if times > WIDE}
