"""Vega-Lite specifications of the figures: plain data, CSS variables as colours, no text of others in expressions."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from stackdoc.render.figures.axes import (
    ACCENT,
    CONFIG,
    FAINT,
    INK,
    LABEL_PADDING,
    SERIES,
    SHAPES,
    WIDE,
    Spec,
    is_log,
    label_width,
    legend,
    log_axis,
    quantity_axis,
    series_colour,
)
from stackdoc.render.figures.drawing import Drawing, Mark, Roof, long_series
from stackdoc.render.figures.line_names import NAME_GAP, LineName, line_names


def timing(marks: Sequence[Mark], axis: str, width: int, log: bool | None = None) -> Spec:
    """Draw a row for each point: launches as dots, the interval as a bar, the median and the best block as ticks."""
    values = [number for mark in marks for number in (mark.value, *mark.launches, mark.best, mark.prediction) if number]
    x = quantity_axis(axis, values, log, _bounds(marks))
    y = _rows(marks, width)
    layers = [
        _dots(marks, width, x, y),
        _interval(marks, width, x, y, "x"),
        _marks_at(
            "best",
            {"type": "tick", "orient": "vertical", "size": 10, "thickness": 1.5, "color": ACCENT},
            marks,
            width,
            x,
            y,
        ),
        _marks_at("prediction", {"type": "point", "shape": "diamond", "size": 70, "color": FAINT}, marks, width, x, y),
        _marks_at(
            "value",
            {"type": "tick", "orient": "vertical", "size": 18, "thickness": 2, "color": INK},
            marks,
            width,
            x,
            y,
        ),
    ]
    layers.append(_name_of_predictions([_row(mark, width) for mark in marks if mark.prediction], x, y))
    return _figure(layers, width, {"step": 30 + 12 * _label_lines(marks, width)})


def sweep(marks: Sequence[Mark], axis: str, x_title: str, width: int, log: bool | None = None) -> Spec:
    """Draw the quantity over a parameter, a line for each series with enough points, its prediction dashed.

    Series are named at the end of their lines if all names fit there, else in a legend.
    """
    values = [number for mark in marks for number in (mark.value, mark.prediction or mark.value)]
    x = _parameter_axis(x_title, sorted({mark.x for mark in marks if mark.x is not None}))
    y = quantity_axis(axis, values, log, _bounds(marks))
    order = list(dict.fromkeys(mark.series for mark in marks))
    height = 300 if width > 500 else 240
    names = line_names(marks, y, width, height)
    rows = [_row(mark) for mark in marks]
    lines = long_series(marks)
    predicted = [row for row in rows if "prediction" in row and row["series"] in lines]
    is_prediction = [_row(mark) for mark in marks if mark.is_prediction and mark.series in lines]
    solid = [_row(mark) for mark in marks if not mark.is_prediction and mark.series in lines]
    key = {"legend": None} if names else legend(order, width)
    colour = {**series_colour(order, width), **key}
    shape = {"field": "series", "type": "nominal", "sort": order, "scale": {"domain": order, "range": list(SHAPES)}}
    line = {"x": x, "y": {**y, "field": "value"}, "color": colour}
    dashed: Spec = {"type": "line", "strokeDash": [4, 3], "strokeWidth": 1.5, "aria": False}
    layers: list[Spec] = [
        {
            "data": {"values": predicted},
            "mark": dashed,
            "encoding": {**line, "y": {**y, "field": "prediction"}},
        },
        {"data": {"values": is_prediction}, "mark": dashed, "encoding": line},
        {"data": {"values": solid}, "mark": {"type": "line", "strokeWidth": 1.5, "aria": False}, "encoding": line},
        _interval(marks, width, y, x, "y", colour),
        {
            "data": {"values": rows},
            "mark": {"type": "point", "filled": True, "size": 42, "opacity": 1},
            "encoding": {**line, "shape": {**shape, **key}, "description": {"field": "text"}},
        },
        _name_of_predictions(predicted, x, y, on_line=True),
        *(_line_name(name, x, y, colour) for name in names),
    ]
    spec = _figure([layer for layer in layers if layer["data"]["values"]], width, height)
    room = max((label_width(name.text) for name in names), default=0)
    return {**spec, "padding": {"left": 4, "top": 4, "bottom": 4, "right": room + NAME_GAP}} if names else spec


def _parameter_axis(title: str, positions: Sequence[float]) -> Spec:
    """Return the x axis of a sweep, logarithmic if the parameter grows by a factor of 4 or more."""
    geometric = positions[0] > 0 and positions[-1] / positions[0] >= 4
    scale: Spec = {"type": "log", "base": 2} if geometric else {"zero": False}
    return {
        "field": "x",
        "type": "quantitative",
        "title": title + (" (log scale)" if geometric else ""),
        "scale": {**scale, "nice": False, "padding": 14},
        "axis": {
            "values": positions,
            "grid": False,
            "format": ".6~g" if positions[-1] < 1e5 else ".3~s",
            "labelOverlap": "greedy",
            "labelSeparation": 6,
        },
    }


def roofline(marks: Sequence[Mark], roofs: Sequence[Roof], axis: str, width: int) -> Spec:
    """Draw the rate over arithmetic intensity under the machine's measured roofs, with the ridge marked."""
    level = max((roof for roof in roofs if roof.rate), key=lambda roof: roof.rate)
    slanted = max((roof for roof in roofs if roof.slope), key=lambda roof: roof.slope, default=None)
    ridge = level.rate / slanted.slope if slanted else 1.0
    positions = [mark.x for mark in marks if mark.x] + [ridge]
    left, right = min(positions) / 4, max(positions) * 8
    x = log_axis("x", "arithmetic intensity, FLOP/byte (log scale)", (left, right))
    lowest = min([mark.value for mark in marks if mark.value > 0] + [roof.at(left) for roof in roofs if roof.slope])
    y = log_axis("y", f"{axis} (log scale)", (lowest / 2, level.rate * 3))
    order = list(dict.fromkeys(mark.series for mark in marks))
    rows = [{**_row(mark), "y": mark.value} for mark in marks]
    shape = {"field": "series", "type": "nominal", "sort": order, "scale": {"domain": order, "range": list(SHAPES)}}
    layers = [
        *(layer for roof in roofs for layer in _roof(roof, roofs, (left, right), x, y)),
        *([_ridge(ridge, level.rate, lowest / 2, x, y)] if slanted else []),
        _interval(marks, width, y, x, "y", series_colour(order, width)),
        {
            "data": {"values": rows},
            "mark": {"type": "point", "filled": True, "size": 48, "opacity": 1},
            "encoding": {
                "x": x,
                "y": y,
                "color": series_colour(order, width),
                "shape": {**shape, **legend(order, width)},
                "description": {"field": "text"},
            },
        },
    ]
    return _figure(layers, width, 300 if width > 500 else 240)


def bars(drawn: Drawing, width: int, log: bool | None = None) -> Spec:
    """Draw a bar from zero for each point; the ceiling is the roof.

    A logarithmic axis has no zero, so points on it are dots.
    """
    marks, ceiling = drawn.marks, drawn.ceiling
    values = [number for mark in marks for number in (mark.value, mark.prediction) if number is not None]
    top = max([ceiling or 0.0, *(max(mark.high or mark.value, mark.prediction or 0.0) for mark in marks)])
    x = {
        "type": "quantitative",
        "title": drawn.axis,
        "scale": {"domain": [0, top], "nice": ceiling is None},
        "axis": {"tickCount": 5, "format": ".6~g"},
    }
    bar: Spec = {"type": "bar", "color": SERIES[0], "height": 12}
    if (log or (drawn.spans and log is None)) and is_log(values, log):
        x = quantity_axis(drawn.axis, values, log, [*_bounds(marks), ceiling or 0.0])
        bar = {"type": "point", "filled": True, "size": 60, "opacity": 1, "color": SERIES[0]}
    y = _rows(marks, width)
    layers: list[Spec] = [
        {
            "data": {"values": [_row(mark, width) for mark in marks]},
            "mark": bar,
            "encoding": {"x": {**x, "field": "value"}, "y": y, "description": {"field": "text"}},
        },
        _interval(marks, width, x, y, "x"),
        _marks_at("prediction", {"type": "point", "shape": "diamond", "size": 70, "color": FAINT}, marks, width, x, y),
    ]
    layers.append(_name_of_predictions([_row(mark, width) for mark in marks if mark.prediction], x, y))
    if ceiling is not None:
        layers.append(
            {
                "data": {"values": [{"x": ceiling}]},
                "mark": {"type": "rule", "color": ACCENT, "strokeWidth": 1.5, "aria": False},
                "encoding": {"x": {**x, "field": "x"}},
            }
        )
    return _figure(layers, width, {"step": 26 + 12 * _label_lines(marks, width)})


def _figure(layers: Sequence[Spec], width: int, height: object) -> Spec:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": width,
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "padding": 4,
        "background": None,
        "layer": [layer for layer in layers if layer["data"]["values"]],
        "resolve": {"scale": {"color": "shared", "shape": "shared"}},
        "config": CONFIG,
    }


def _row(mark: Mark, width: int = WIDE) -> Spec:
    row = {
        name: getattr(mark, name)
        for name in ("key", "series", "value", "low", "high", "best", "prediction", "x", "text")
    }
    return {"label": _wrapped(mark.label, width), **{name: value for name, value in row.items() if value is not None}}


def _wrapped(label: str, width: int) -> str:
    return "\n".join(textwrap.wrap(label, 40 if width > 500 else 22)) or label


def _label_lines(marks: Sequence[Mark], width: int) -> int:
    return max(_wrapped(mark.label, width).count("\n") for mark in marks)


def _rows(marks: Sequence[Mark], width: int) -> Spec:
    labels = list(dict.fromkeys(_wrapped(mark.label, width) for mark in marks))
    return {
        "field": "label",
        "type": "nominal",
        "title": None,
        "sort": labels,
        "axis": {
            "labelExpr": "split(datum.label, '\\n')",
            "labelOffset": {"condition": {"test": "indexof(datum.label, '\\n') > 0", "value": -7}, "value": 0},
            "labelLimit": 300,
            "minExtent": min(max(map(label_width, labels)), 300) + LABEL_PADDING,
            "domain": False,
            "grid": True,
            "ticks": False,
        },
    }


def _bounds(marks: Sequence[Mark]) -> list[float]:
    return [bound for mark in marks for bound in (mark.low, mark.high) if bound is not None]


def _dots(marks: Sequence[Mark], width: int, x: Spec, y: Spec) -> Spec:
    dots = [{"label": _wrapped(mark.label, width), "launch": value} for mark in marks for value in mark.launches]
    return {
        "data": {"values": dots},
        "mark": {"type": "point", "filled": True, "size": 26, "color": SERIES[0], "opacity": 0.45, "aria": False},
        "encoding": {"x": {**x, "field": "launch"}, "y": y},
    }


def _interval(
    marks: Sequence[Mark], width: int, along: Spec, across: Spec, axis: str, colour: Spec | None = None
) -> Spec:
    """Draw the interval of each point as a line along the quantity's axis."""
    rows = [{**_row(mark, width), "y": mark.value} for mark in marks if mark.low is not None]
    if along["scale"].get("type") == "log":  # an interval that contains zero ends with the axis
        floor = along["scale"]["domain"][0]
        rows = [{**row, "low": max(row["low"], floor)} for row in rows]
    other = "y" if axis == "x" else "x"
    encoding: Spec = {axis: {**along, "field": "low"}, f"{axis}2": {"field": "high"}, other: across}
    if colour is not None:
        encoding["color"] = colour
    mark: Spec = {"type": "rule", "strokeWidth": 2 if colour is None else 1.5, "color": INK, "aria": False}
    if colour is not None:
        del mark["color"]
    return {"data": {"values": rows}, "mark": mark, "encoding": encoding}


def _marks_at(field: str, mark: Spec, marks: Sequence[Mark], width: int, x: Spec, y: Spec) -> Spec:
    """Draw a mark at `field` of each point that has it; only the mark of the value itself is read out."""
    rows = [row for row in (_row(mark, width) for mark in marks) if field in row]
    encoding: Spec = {"x": {**x, "field": field}, "y": y}
    if field == "value":
        encoding["description"] = {"field": "text"}
    return {"data": {"values": rows}, "mark": {**mark, "aria": field == "value"}, "encoding": encoding}


def _name_of_predictions(rows: Sequence[Spec], x: Spec, y: Spec, on_line: bool = False) -> Spec:
    """Write `predicted` above the first row's prediction, or above the higher end of the first predicted line."""
    place: Spec = {"align": "center", "dy": -8}
    ends = [row for row in rows if row["series"] == rows[0]["series"]]
    row = ends[:1]
    if on_line and ends:
        rises = ends[-1]["prediction"] >= ends[0]["prediction"]
        row, place = (ends[-1:], {"align": "right", "dy": -6}) if rises else (ends[:1], {"align": "left", "dy": -6})
    along = {"x": x, "y": {**y, "field": "prediction"}} if on_line else {"x": {**x, "field": "prediction"}, "y": y}
    return {
        "data": {"values": [{**end, "name": "predicted"} for end in row]},
        "mark": {"type": "text", "color": FAINT, "fontSize": 12, "baseline": "bottom", "aria": False, **place},
        "encoding": {**along, "text": {"field": "name"}},
    }


def _line_name(name: LineName, x: Spec, y: Spec, colour: Spec) -> Spec:
    row = {**_row(name.mark), "name": name.text}
    mark: Spec = {"type": "text", "align": "left", "baseline": "middle", "dx": NAME_GAP, "dy": name.dy, "aria": False}
    encoding = {"x": x, "y": {**y, "field": "value"}, "color": colour, "text": {"field": "name"}}
    return {"data": {"values": [row]}, "mark": {**mark, "clip": False}, "encoding": encoding}


def _roof(roof: Roof, roofs: Sequence[Roof], span: tuple[float, float], x: Spec, y: Spec) -> list[Spec]:
    """Draw a roof as far as it is the lower one, with its label."""
    left, right = span
    others = [other for other in roofs if bool(other.slope) != bool(roof.slope)]
    if roof.slope and others:
        right = min(right, max(other.rate for other in others) / roof.slope)
    elif others:
        left = max(left, roof.rate / max(other.slope for other in others))
    ends = [{"x": left, "y": roof.at(left)}, {"x": right, "y": roof.at(right)}]
    place = left * (right / left) ** 0.85 if roof.slope else right
    look: Spec = {"dx": -8, "baseline": "middle"} if roof.slope else {"dy": -5, "baseline": "bottom"}
    name = {"x": place, "y": roof.at(place), "text": roof.label}
    text: Spec = {"type": "text", "align": "right", "color": INK, "aria": False, **look}
    return [
        {
            "data": {"values": ends},
            "mark": {"type": "line", "color": INK, "strokeWidth": 1.5, "aria": False},
            "encoding": {"x": x, "y": y},
        },
        {"data": {"values": [name]}, "mark": text, "encoding": {"x": x, "y": y, "text": {"field": "text"}}},
    ]


def _ridge(ridge: float, rate: float, floor: float, x: Spec, y: Spec) -> Spec:
    return {
        "data": {"values": [{"x": ridge, "y": rate, "floor": floor}]},
        "mark": {"type": "rule", "color": FAINT, "strokeDash": [2, 3], "aria": False},
        "encoding": {"x": x, "y": y, "y2": {"field": "floor"}},
    }
