"""Student's t: how many standard errors an interval reaches when its variance is known from few values only."""

from __future__ import annotations

from functools import cache
from math import cos, exp, lgamma, log, pi, sqrt, tan

PANELS = 200  # of Simpson's rule
STEPS = 60  # of bisection


@cache
def reach(freedom: float, level: float = 0.95) -> float:
    """The x with P(|t| < x) = level, for so many degrees of freedom (1 or more, not necessarily whole).

    The substitution t = sqrt(freedom) tan(angle) makes the density a power of a cosine. scipy.stats.t.ppf gives the
    same.
    """
    low, high = 0.0, pi / 2
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < level else (low, middle)
    return sqrt(freedom) * tan(low)


def _within(angle: float, freedom: float) -> float:
    """The probability that the angle of t is at most that, either way."""
    scale = 2 * exp(lgamma((freedom + 1) / 2) - lgamma(freedom / 2) - log(pi) / 2)
    width = angle / PANELS
    weights = (1 if place in (0, PANELS) else 4 if place % 2 else 2 for place in range(PANELS + 1))
    total: float = sum(weight * cos(place * width) ** (freedom - 1) for place, weight in enumerate(weights))
    return scale * total * width / 3
