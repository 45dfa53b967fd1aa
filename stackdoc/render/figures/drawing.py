"""From the points of a record to a drawing: numbers in one unit, with labels, caption and reading aid."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from stackdoc.model.record import Parameter, Point, Ratio
from stackdoc.render.figures.axes import unit_for
from stackdoc.render.html.element import line
from stackdoc.render.values.record_view import (
    NBSP,
    RecordView,
    figure_of,
    launch_values,
    main_quantity,
    number_text,
    point_label,
    summary_of,
    value_sentence,
)
from stackdoc.site.labels import ParameterLabel
from stackdoc.statistics import Figure
from stackdoc.statistics.interval import INTERVAL
from stackdoc.statistics.quantities import QUANTITIES

FEWEST_PLACES = 5  # distinct x values, for a line through them


@dataclass(frozen=True)
class Word:
    """What distinguishes a point, in words for people: a parameter's value, or a part of its label.

    Labels such as `chain, compiled` have parts, whose `parameter` is a comma for each part before them.
    """

    parameter: str
    text: str
    is_number: bool = False

    @property
    def is_label(self) -> bool:
        return not self.parameter.strip(",")


@dataclass(frozen=True)
class Mark:
    """One point of a figure: numbers in the unit of its axis; `text` is its tooltip and accessible label.

    `x` is the sweep's parameter or the arithmetic intensity. `words` are the point's label and parameters; `figure` is
    its value with unit and interval.
    """

    key: str
    label: str
    series: str
    value: float
    text: str
    low: float | None = None
    high: float | None = None
    best: float | None = None
    launches: tuple[float, ...] = ()
    prediction: float | None = None
    x: float | None = None
    words: tuple[Word, ...] = ()
    figure: Figure | None = None

    @property
    def is_prediction(self) -> bool:
        """Whether the point is a prediction that the example reported, judged by its name."""
        words = self.key.partition(";")[0].split("-")
        return "predicted" in (words[0], words[-1])


@dataclass(frozen=True)
class Roof:
    """A measured ceiling: `rate` in the unit of the axis, or `slope` in that unit for each unit of x."""

    label: str
    rate: float = 0.0
    slope: float = 0.0

    def at(self, x: float) -> float:
        return self.slope * x if self.slope else self.rate


def drawable_kind(kind: str, marks: Sequence[Mark]) -> str:
    """Return the kind to draw: bars instead of a sweep if no series has enough x values for a line.

    A line through few points would suggest values in between that nobody measured.
    """
    return "bars" if kind == "sweep" and not long_series(marks) else kind


def long_series(marks: Sequence[Mark]) -> frozenset[str]:
    """Return the series with enough x values for a line."""
    places = {(mark.series, mark.x) for mark in marks}
    count = Counter(series for series, _ in places)
    return frozenset(series for series, number in count.items() if number >= FEWEST_PLACES)


class NoRoof(ValueError):
    """The machine has no roof for this figure: a fact to state on the page, not an error of its author."""


@dataclass(frozen=True)
class Drawing:
    """A figure before it is drawn: `axis` names the quantity with its unit, `reading` explains the marks.

    `spans` allows bars a logarithmic axis if their values span much, as bars in place of a sweep may. `quantity` is the
    name of what is drawn. `shares` are those that the points of a roofline reach of their roofs.
    """

    kind: str
    marks: tuple[Mark, ...]
    axis: str
    caption: str
    reading: str
    x_title: str = ""
    roofs: tuple[Roof, ...] = ()
    ceiling: float | None = None
    spans: bool = False
    quantity: str = ""
    shares: tuple[Mark, ...] = ()


def drawing(view: RecordView, kind: str, keys: Sequence[str], x: str = "", quantity: str = "") -> Drawing:
    """Return the drawing of these points. Raises ValueError with the reason if they can't be drawn as that kind."""
    default = {"timing": "time", "roofline": "rate", "bars": "roof-share"}.get(kind, "")
    name = quantity or default or _first_quantity(view, keys)
    figures = [(key, figure) for key in keys if (figure := figure_of(view, key, name)) is not None]
    if not figures and name == "roof-share":
        raise NoRoof("no roof was measured for it")
    if not figures:
        raise ValueError(f"no point of it has a {name}")
    factor, unit = scale([figure.value for _, figure in figures], figures[0][1].unit)
    marks = [mark_of(view, key, name, factor) for key, figure in figures if figure.unit == figures[0][1].unit]
    marks, common = _shortened(marks)
    axis, caption = axis_title(name, unit, common[0].text if common else ""), sentence(name)
    along = ""
    if kind == "sweep":
        marks, along = _along(marks, view, x)
        kind = drawable_kind(kind, marks)
    reading = [
        reading_of(kind, marks, any(figure.estimate == "best" for _, figure in figures)),
        f"All points: {', '.join(word.text for word in common)}." if common else "",
    ]
    reading_text = " ".join(filter(None, reading))
    drawn = Drawing(kind, distinct(marks), axis, caption, reading_text, along, spans=bool(along), quantity=name)
    if kind == "roofline":
        return _under_roofs(drawn, view, factor, unit)
    return replace(drawn, ceiling=100.0 if name == "roof-share" and kind == "bars" else None)


def axis_title(name: str, unit: str, subject: str = "") -> str:
    """Return `time per call, ms`; reported values are named by their `subject`, if they have one in common."""
    label = subject if name == "value" and subject else QUANTITIES[name].label
    if name == "value" and not subject and unit:
        return line(unit)  # "value" would say nothing
    return f"{label}, {line(unit)}" if unit else label


def sentence(name: str) -> str:
    """Return the caption of a figure without one: `Time per call.`"""
    label = QUANTITIES[name].label
    return f"{label[0].upper()}{label[1:]}."


def reading_of(kind: str, marks: Sequence[Mark], shared: bool) -> str:
    """Return sentences that explain the marks of the figure."""
    timing = kind == "timing"
    middle = "median, or the best block of a shared run" if shared else "median"
    sentences = [f"Dots are launches, the tall tick is the {middle}, the short one the best block." if timing else ""]
    if kind == "roofline":
        sentences.append("The lines are the roofs measured on the same machine; they meet at the ridge.")
    if any(mark.low is not None for mark in marks):
        sentences.append(f"{'Bars' if timing else 'Thin lines'} are {INTERVAL}s.")
    if shared:
        sentences.append("The machine was shared, so these figures are bounds without an interval.")
    if kind != "roofline" and any(mark.prediction or (mark.is_prediction and kind == "sweep") for mark in marks):
        sentences.append(f"{'Dashed lines' if kind == 'sweep' else 'Diamonds'} were predicted before measuring.")
    return " ".join(filter(None, sentences))


def _first_quantity(view: RecordView, keys: Sequence[str]) -> str:
    item = next((candidate for key in keys if (candidate := view.record.item(key)) is not None), None)
    return "time" if item is None else main_quantity(item)


def scale(values: Sequence[float], unit: str) -> tuple[float, str]:
    return (100.0, "%") if unit == "%" else unit_for(values, unit)


def mark_of(view: RecordView, key: str, name: str, factor: float) -> Mark:
    figure, item = figure_of(view, key, name), view.record.item(key)
    if figure is None or item is None:
        raise ValueError(f"{key} has no {name}")
    label = point_label(view.record, key)
    mark = Mark(
        key=key,
        label=label,
        series=line(item.label or item.name),
        value=figure.value * factor,
        text=line(f"{label}: {value_sentence(view, key, name)}"),
        low=None if figure.low is None else figure.low * factor,
        high=None if figure.high is None else figure.high * factor,
        words=words_of(item, view.labels),
        figure=figure,
    )
    if not isinstance(item, Point):
        return mark
    mark = replace(mark, prediction=_predicted(item, name, factor))
    return _timed(mark, item, factor) if name == "time" else mark


def _predicted(point: Point, name: str, factor: float) -> float | None:
    """Return the prediction in the figure's quantity; a predicted time also predicts the rate."""
    if point.prediction is None or point.prediction.seconds <= 0:
        return None
    amount = QUANTITIES[name].amount
    predicted = amount(point, None) if amount else None
    seconds = point.prediction.seconds
    return seconds * factor if name == "time" else predicted / seconds * factor if predicted else None


def _timed(mark: Mark, point: Point, factor: float) -> Mark:
    summary = summary_of(point)
    return replace(
        mark,
        best=None if summary is None else summary.best * factor,
        launches=tuple(value * factor for value in launch_values(point)),
    )


def _shortened(marks: Sequence[Mark]) -> tuple[list[Mark], list[Word]]:
    """Return the marks labelled by what distinguishes them, and what all of them have in common."""
    first = marks[0].words if len(marks) > 1 else ()
    common = [word for word in first if all(word in mark.words for mark in marks)]
    labels = [", ".join(word.text for word in mark.words if word not in common) for mark in marks]
    if not all(labels):
        common, labels = [], [", ".join(word.text for word in mark.words) for mark in marks]
    return [replace(mark, label=label) for mark, label in zip(marks, labels, strict=True)], common


def words_of(item: Point | Ratio, labels: Mapping[str, ParameterLabel]) -> tuple[Word, ...]:
    """Return the label and the parameters, except values that the label contains: `Dask, threads`, `engine=threads`."""
    label = line(item.label or item.name)
    remaining = [
        (name, value)
        for name, value in item.parameters
        if not (isinstance(value, str) and value.replace("-", " ").lower() in label.lower())
    ]
    words = (
        Word(name, parameter_words(name, value, labels), not isinstance(value, str | bool)) for name, value in remaining
    )
    parts = re.split(r"[,:] ", label)
    return (*(Word("," * number, part) for number, part in enumerate(parts)), *words)


def parameter_words(name: str, value: Parameter, labels: Mapping[str, ParameterLabel]) -> str:
    """Return `1024 tokens`, or `tokens = 1024` without a label, without breaks."""
    label = labels.get(name, ParameterLabel(name))
    return label.of(value, number_text(value)).replace(" ", NBSP)


def distinct(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Return the marks with their keys added to labels that occur more than once, as these would share a row."""
    count = Counter(mark.label for mark in marks)
    return tuple(
        replace(mark, label=f"{mark.label} ({line(mark.key)})") if count[mark.label] > 1 else mark for mark in marks
    )


def _along(unplaced: Sequence[Mark], view: RecordView, x: str) -> tuple[list[Mark], str]:
    """Return the marks placed along the parameter `x`, by default the only numeric one that varies, and its name."""
    parameters = {mark.key: _numbers(view.record.item(mark.key)) for mark in unplaced}
    names = sorted({name for numbers in parameters.values() for name in numbers})
    varying = [name for name in names if len({numbers.get(name) for numbers in parameters.values()}) > 1]
    if not x and len(varying) != 1:
        raise ValueError(f"x is needed: one of {', '.join(varying or names) or 'none, as no parameter is a number'}")
    name = x or varying[0]
    if name not in names:
        raise ValueError(f"no point has the parameter {name!r}; known: {', '.join(names)}")
    marks = []
    for mark in unplaced:
        words = [word.text for word in mark.words if word.parameter != name and not _is_common(word, unplaced)]
        if (position := parameters[mark.key].get(name)) is not None:
            marks.append(replace(mark, x=position, series=", ".join(words) or mark.series))
    axis = view.labels.get(name, ParameterLabel(name)).axis_title
    return sorted(marks, key=lambda mark: mark.x or 0.0), axis


def _is_common(word: Word, marks: Sequence[Mark]) -> bool:
    """Whether all marks have the word that have its parameter at all."""
    return all(word in mark.words for mark in marks if word.parameter in {other.parameter for other in mark.words})


def _numbers(item: Point | Ratio | None) -> dict[str, float]:
    parameters = item.parameters if item else ()
    return {
        name: float(value)
        for name, value in parameters
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def _under_roofs(drawn: Drawing, view: RecordView, factor: float, unit: str) -> Drawing:
    """Return the drawing by arithmetic intensity, under the roofs of its dtypes and working sets."""
    if view.roofs is None:
        raise NoRoof("no roof was measured there")
    intensity = {mark.key: figure_of(view, mark.key, "intensity") for mark in drawn.marks}
    marks = [
        replace(mark, x=figure.value) for mark in drawn.marks if (figure := intensity[mark.key]) and figure.value > 0
    ]
    if not marks:
        raise ValueError("no point of it states both operations and bytes")
    points = [point for mark in marks if isinstance(point := view.record.item(mark.key), Point)]
    dtypes = list(dict.fromkeys(point.dtype for point in points))
    rates = [(dtype, rate) for dtype in dtypes if (rate := view.roofs.flops(dtype))]
    largest = max(point.work.bytes for point in points if point.work)
    bandwidth = view.roofs.bandwidth(largest)
    if not rates or not bandwidth:
        raise NoRoof(f"no roof was measured for {', '.join(dtypes) or 'its dtype'}")
    roofs = [Roof(f"{rate * factor:.3g} {unit}, {dtype} GEMM", rate=rate * factor) for dtype, rate in rates]
    roofs.append(Roof(f"{bandwidth / 1e9:.3g} GB/s", slope=bandwidth * factor))
    shared = [mark.key for mark in marks if figure_of(view, mark.key, "roof-share")]
    shares = _shortened([mark_of(view, key, "roof-share", 100.0) for key in shared])[0] if shared else []
    return replace(drawn, marks=tuple(marks), roofs=tuple(roofs), shares=tuple(shares))
