"""How far one run differs from the next on a machine that nothing is known about. Decision 19 has the measurements."""

from __future__ import annotations

from collections.abc import Mapping

from stackdoc.model.record import ControlName

# By kind of work: the standard deviation of a figure's logarithm between runs, and its degrees of freedom, which are
# few because points of one kind differ.
PRIOR: Mapping[ControlName, tuple[float, float]] = {
    "product": (0.023, 4.0),
    "triad": (0.024, 4.0),
    "interpreter": (0.030, 4.0),
    "dispatch": (0.023, 4.0),
}
