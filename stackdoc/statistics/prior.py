"""How far one run differs from the next where nothing is known of the machine: measured, see decision 19."""

from __future__ import annotations

from collections.abc import Mapping

from stackdoc.model.record import ControlName

# By the kind of work: the standard deviation of a figure's logarithm between runs, and how many degrees of freedom it
# counts for, which is small where points of the kind differ in it.
PRIOR: Mapping[ControlName, tuple[float, float]] = {
    "product": (0.023, 4.0),
    "triad": (0.024, 4.0),
    "interpreter": (0.030, 4.0),
    "dispatch": (0.023, 4.0),
}
