"""Names of series beside the ends of their lines, in place of a legend."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from stackdoc.render.figures.axes import Spec, label_width
from stackdoc.render.figures.drawing import Mark

NAME_GAP = 10  # pixels between a point and its name
LINE_HEIGHT = 15  # pixels
FARTHEST = 24  # pixels that a name may be moved away from the end of its line
WIDEST = 0.3  # share of the figure that names may take
HEADROOM = 1.25  # how far a linear axis may extend beyond its largest value


@dataclass(frozen=True)
class LineName:
    """The `text` beside the last `mark` of a series, moved down by `dy` pixels so that names do not overlap."""

    text: str
    mark: Mark
    y: float  # pixels from the top of the plot, before it is moved
    dy: float = 0.0


def line_names(marks: Sequence[Mark], axis: Spec, width: int, height: int) -> list[LineName]:
    """Return the names of all series, or none if there is one series or if they do not fit.

    A series that ends before the others has its name there only if no other line passes on either side of it.
    """
    ends = {mark.series: mark for mark in marks}  # marks are in the order of x
    last = max(mark.x or 0.0 for mark in marks)
    if len(ends) < 2 or max(map(label_width, ends)) + NAME_GAP > WIDEST * width:
        return []
    heights = {mark.key: _height_of(mark.value, marks, axis) * height for mark in marks}
    names = [LineName(series, mark, heights[mark.key]) for series, mark in ends.items()]
    early = [name for name in names if name.mark.x != last]
    if not all(_is_free(name, marks, heights) for name in early):
        return []
    late = _apart(sorted((name for name in names if name not in early), key=lambda name: name.y), height)
    return [*early, *late] if late else []


def _is_free(name: LineName, marks: Sequence[Mark], heights: Mapping[str, float]) -> bool:
    """Whether each other series stays above or below the name, from its last mark before the name on."""
    for series in {mark.series for mark in marks} - {name.text}:
        own = [mark for mark in marks if mark.series == series]
        before = [mark for mark in own if (mark.x or 0.0) < (name.mark.x or 0.0)][-1:]
        after = [mark for mark in own if (mark.x or 0.0) >= (name.mark.x or 0.0)]
        passed = [heights[mark.key] - name.y for mark in (*before, *after)]
        if passed and min(passed) <= LINE_HEIGHT and max(passed) >= -LINE_HEIGHT:
            return False
    return True


def _height_of(value: float, marks: Sequence[Mark], axis: Spec) -> float:
    """Return how far from the top of the axis a value is, as a share of its height."""
    if axis["scale"].get("type") == "log":
        low, high = axis["scale"]["domain"]
        return math.log(high / value) / math.log(high / low)
    top = HEADROOM * max(mark.high or mark.value for mark in marks)
    return 1.0 - value / top if top > 0 else 0.0


def _apart(names: Sequence[LineName], height: int) -> list[LineName]:
    """Return the names moved apart, from the top down and back up, or none if one would be too far from its line."""
    places = [name.y for name in names]
    for place in range(1, len(places)):
        places[place] = max(places[place], places[place - 1] + LINE_HEIGHT)
    overflow = max(0.0, places[-1] - height)
    places[-1] -= overflow
    for place in range(len(places) - 2, -1, -1):
        places[place] = min(places[place], places[place + 1] - LINE_HEIGHT)
    moved = [replace(name, dy=round(place - name.y, 1)) for name, place in zip(names, places, strict=True)]
    return moved if all(abs(name.dy) <= FARTHEST for name in moved) else []
