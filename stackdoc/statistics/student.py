"""Critical values of Student's t, without scipy."""

from __future__ import annotations

from functools import cache
from math import cos, exp, lgamma, log, pi, sqrt, tan

PANELS = 200  # of Simpson's rule
STEPS = 60  # of bisection


@cache
def critical_value(freedom: float, level: float) -> float:
    """Return the x with P(|t| < x) = level, for at least 1 degree of `freedom`, not necessarily an integer.

    The substitution t = sqrt(freedom) tan(angle) turns the density into a power of a cosine. scipy.stats.t.ppf gives
    the same values.
    """
    low, high = 0.0, pi / 2
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < level else (low, middle)
    return sqrt(freedom) * tan(low)


def _within(angle: float, freedom: float) -> float:
    """Return the probability that |t| is at most sqrt(freedom) tan(angle)."""
    scale = 2 * exp(lgamma((freedom + 1) / 2) - lgamma(freedom / 2) - log(pi) / 2)
    width = angle / PANELS
    weights = (1 if place in (0, PANELS) else 4 if place % 2 else 2 for place in range(PANELS + 1))
    total: float = sum(weight * cos(place * width) ** (freedom - 1) for place, weight in enumerate(weights))
    return scale * total * width / 3
