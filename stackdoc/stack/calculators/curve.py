"""A result of a calculator over one of its inputs, with the measured points of that calculation on top.

The script draws the same again from the reader's numbers; `tests/site` compares the two.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10
from urllib.parse import urlencode

from markupsafe import Markup

from stackdoc.errors import capitalised
from stackdoc.laws.amount import to_base
from stackdoc.laws.evaluate import NoValue
from stackdoc.laws.law import Law
from stackdoc.model.record import Point
from stackdoc.render.diagrams.scales import Scale
from stackdoc.render.fences.fence import Fence
from stackdoc.render.html.element import element
from stackdoc.render.values.machine_switch import choices
from stackdoc.render.values.record_view import figure_of, items, record_path, view_of
from stackdoc.stack.calculators.calculator import Calculator, Curve, CurvePoints, compute
from stackdoc.stack.calculators.presets import FORMATS, amount, engineering, in_field, machine_fields

MOST_POWERS = 100  # of ten on an axis: each has a line
STEPS = 48  # of the curve
LEFT, RIGHT, TOP, BOTTOM = 13, 98, 4, 86  # the plot within the drawing, in percent


@dataclass(frozen=True)
class MeasuredCurve:
    """The points of one machine: `values` are the fields of that calculation, `at` x, y and the interval of y."""

    label: str
    values: Mapping[str, float]
    at: Sequence[tuple[float, float, float, float]]
    record: str


def figure(fence: Fence, shown: Calculator, laws: Mapping[str, Law]) -> Markup | None:
    """Return the curve at the default values, with what the script needs to draw it again; None without a curve."""
    curve = shown.curve
    if curve is None:
        return None
    measured = list(_measured(fence, shown, curve.points)) if curve.points else []
    unit = next(laws[step.law].unit for step in shown.steps if step.id == curve.y)
    x = next(given for given in shown.inputs if given.id == curve.x)
    y = next(step.means for step in shown.steps if step.id == curve.y)
    words = f"{capitalised(y)} by {x.means}, both on logarithmic axes"
    links = [_measured_link(shown, each) for each in measured]
    note = (
        element("p", "The same for the model that the handbook measures: ", Markup("; ").join(links), ".")
        if links
        else None
    )
    return element(
        "figure",
        element("svg", *draw(_line(shown, laws, curve)), width="100%", height=240, role="img", aria_label=words),
        element("figcaption", f"{words}. Units: {unit}.", element("span", class_="sd-calculator__points")),
        note,
        class_="sd-calculator__plot",
        data_curve=json.dumps([curve.x, curve.y, curve.least, curve.most]),
        data_points=json.dumps([[each.label, dict(each.values), each.at, each.record] for each in measured]),
    )


def _line(shown: Calculator, laws: Mapping[str, Law], curve: Curve) -> list[tuple[float, float]]:
    """Return the points of the curve at the default values, x in the unit of its field and y in base units."""
    factor = next(to_base(1.0, given.unit) for given in shown.inputs if given.id == curve.x)
    line = []
    for step in range(STEPS + 1):
        x = curve.least * (curve.most / curve.least) ** (step / STEPS)
        try:
            line.append((x, compute(shown, laws, {**shown.defaults, curve.x: x * factor})[curve.y]))
        except NoValue:
            continue
    return [(x, y) for x, y in line if isfinite(y) and y > 0]


def draw(line: Sequence[tuple[float, float]]) -> list[Markup]:
    """Return grid, labels and curve; positions are in percent, so that text keeps its size."""
    if not line:
        return []
    low, high = (power(log10(edge(y for _, y in line))) for edge, power in ((min, floor), (max, ceil)))
    across = Scale("log", line[0][0], line[-1][0], LEFT, RIGHT)
    up = Scale("log", 10.0**low, 10.0 ** max(high, low + 1), BOTTOM, TOP)
    path = " ".join(f"{across.at(x):.2f} {up.at(y):.2f}" for x, y in line)
    grid = [
        *(f"M{across.at(tick):.2f} {TOP}V{BOTTOM}" for tick in across.ticks(MOST_POWERS)),
        *(f"M{LEFT} {up.at(tick):.2f}H{RIGHT}" for tick in up.ticks(MOST_POWERS)),
    ]
    box = element(
        "svg",
        element("path", class_="sd-calculator__grid", d="".join(grid)),
        element("path", class_="sd-calculator__line", d=f"M{path}"),
        viewBox="0 0 100 100",
        preserveAspectRatio="none",
        width="100%",
        height="100%",
    )
    return [box, *_labels(across, up)]


def _labels(across: Scale, up: Scale) -> Iterator[Markup]:
    for tick in across.ticks(MOST_POWERS):
        place = {"x": f"{across.at(tick):.2f}%", "y": f"{BOTTOM + 9}%"}
        yield element("text", power_text(tick), **place, text_anchor="middle")
    for tick in up.ticks(MOST_POWERS):
        place = {"x": f"{LEFT - 1}%", "y": f"{up.at(tick):.2f}%"}
        yield element("text", power_text(tick), **place, dy="0.3em", text_anchor="end")


def power_text(value: float) -> str:
    """Return a power of ten: `0.01`, `1000`, `1e7`."""
    power = round(log10(value))
    return f"1e{power}" if abs(power) > 4 else f"{10.0**power:g}"


def _measured(fence: Fence, shown: Calculator, points: CurvePoints) -> Iterator[MeasuredCurve]:
    """Yield the points of every machine whose record has them and whose roofs were measured."""
    site = fence.site
    model = {id: in_field(shown, id, amount(fence, words).base) for id, words in points.values.items()}
    for choice in choices(site):
        record = site.current(points.example, choice.machine, choice.device)
        formats = (
            [item.dtype for item in items(record) if isinstance(item, Point) and item.name == points.format]
            if record
            else []
        )
        size = FORMATS.get(formats[0]) if formats else None
        roofs = machine_fields(site, shown, choice, formats[0]) if size else {}
        if record is None or size is None or not roofs:
            continue
        assert shown.curve is not None
        view, x = view_of(site, record), shown.curve.x
        at = [
            (float(dict(item.parameters)[x]), figure.value, figure.low or figure.value, figure.high or figure.value)
            for item in items(record)
            if item.name == points.point and x in dict(item.parameters) and (figure := figure_of(view, item.key))
        ]
        values = {**model, **{id: in_field(shown, id, size) for id in points.sizes}, **roofs}
        if at:
            yield MeasuredCurve(f"{choice.label}, {view.date}", values, at, record_path(record.id))


def _measured_link(shown: Calculator, measured: MeasuredCurve) -> Markup:
    fragment = urlencode({id: engineering(value) for id, value in measured.values.items()})
    label = element("a", measured.label, href=f"#calculator-{shown.id}?{fragment}")
    return element("span", label, " (", element("a", "record", href=measured.record), ")")
