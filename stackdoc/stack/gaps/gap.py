"""A gap between a measured time and its prediction, and the cause that an experiment shows."""

from __future__ import annotations

from dataclasses import dataclass

from stackdoc.model.record import Prediction, Record
from stackdoc.statistics import quantity

WIDE = 1.5  # a measured time above this multiple of its prediction needs a reason
NO_BOUND = 1 / 1.03  # a measured time below this fraction of its prediction refutes a bound
NO_ESTIMATE = 1 / 1.25  # a measured time below this fraction of its prediction refutes an estimate
ROOFS = ("roof", "bandwidth")  # each term of a bound names one of these


@dataclass(frozen=True)
class Gap:
    """`points` are names or keys of points of `example`; `cause` is Markdown with roles.

    `shown_by` is the experiment that shows the cause: an example and a point, written as in the role `measured`.
    """

    id: str
    example: str
    points: tuple[str, ...]
    cause: str
    shown_by: str


def ratios_to_prediction(record: Record) -> dict[str, float]:
    """Return the ratio of measured to predicted time, by key of the points that have both."""
    predictions = {point.key: point.prediction.seconds for point in record.points if point.prediction}
    figures = {key: quantity(record, key, "time") for key, seconds in predictions.items() if seconds > 0}
    return {key: figure.value / predictions[key] for key, figure in figures.items() if figure}


def is_bound(prediction: Prediction) -> bool:
    """Whether every term of the formula names a roof.

    Any other prediction is an estimate: parts that were timed alone may take less time together.
    """
    return all(any(roof in term for roof in ROOFS) for term in prediction.formula.split(" + "))


def lower_limit(prediction: Prediction) -> float:
    """Return the fraction of the prediction that a measured time must reach."""
    return NO_BOUND if is_bound(prediction) else NO_ESTIMATE


def wide_gaps(record: Record) -> dict[str, float]:
    """Return the ratios above WIDE, by key."""
    return {key: times for key, times in ratios_to_prediction(record).items() if times > WIDE}
