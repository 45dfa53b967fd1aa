"""Values that fill in several fields of a calculator at once: cited devices and models, and measured machines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log

from markupsafe import Markup

from stackdoc.errors import capitalised
from stackdoc.laws.amount import Amount, parse_amount, to_base
from stackdoc.laws.units import BadUnit
from stackdoc.model.record import Record
from stackdoc.render.fences.fence import Fence
from stackdoc.render.html.element import element
from stackdoc.render.values.machine_switch import Choice, choices, roofs_on
from stackdoc.render.values.record_view import figure_of, items, parameter_text, view_of
from stackdoc.site.site import Site
from stackdoc.stack.calculators.calculator import Calculator
from stackdoc.stack.handbook import handbook
from stackdoc.statistics.roofs import Roofs

FORMATS = {"float32": 4, "bfloat16": 2}  # number formats whose rate of arithmetic is offered, with their bytes


@dataclass(frozen=True)
class Filled:
    """A line of a menu: `values` are in the units of the fields; `address` is the page of a measured machine."""

    kind: str
    name: str
    values: Mapping[str, float]
    address: str = ""


def presets(fence: Fence, shown: Calculator) -> tuple[Filled, ...]:
    """Return the presets of a calculator, those of a device first. Raises StackdocError for an unknown fact."""
    return (*_given(fence, shown), *_roofs(fence.site, shown), *_measured(fence.site, shown))


def menus(lines: Sequence[Filled]) -> list[Markup]:
    """Return a menu for each kind of preset."""
    first = element("option", "your own numbers", value="")
    return [
        element(
            "label",
            element("span", capitalised(kind)),
            element("select", first, *(_option(line) for line in lines if line.kind == kind), name=f"preset-{kind}"),
        )
        for kind in dict.fromkeys(line.kind for line in lines)
    ]


def _option(line: Filled) -> Markup:
    return element("option", line.name, value=json.dumps(dict(line.values)), data_machine=line.address or None)


def nearest(shown: Calculator, lines: Sequence[Filled]) -> Markup | None:
    """Return a sentence on the measured machine whose roofs are nearest to the values, as the script writes it."""
    machines = [line for line in lines if line.address]
    if not machines:
        return None
    given = {entry.id: entry.value for entry in shown.inputs}
    best = min(machines, key=lambda line: sum(abs(log(value / given[id])) for id, value in line.values.items()))
    names = {entry.id: entry.means for entry in shown.inputs}
    shares = " and ".join(f"{share(value / given[id])} of this {names[id]}" for id, value in best.values.items())
    return element(
        "p",
        "Nearest measured machine: ",
        element("a", best.name, href=best.address),
        element("span", f", with {shares}."),
        class_="sd-calculator__nearest",
    )


def share(ratio: float) -> str:
    """Return a ratio in percent with two digits: `0.16 %`, `98 %`, `1600 %`."""
    text = f"{100 * ratio:.2g}"
    return f"{float(text):.12g}\u00a0%"


def in_field(shown: Calculator, id: str, base: float) -> float:
    """Return a value in base units in the unit of a field, with six digits."""
    unit = next(given.unit for given in shown.inputs if given.id == id)
    return float(f"{base / to_base(1.0, unit):.6g}")


def engineering(value: float) -> str:
    """Return a number for a field: `16`, `0.25`, `70e9`."""
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:g}"
    power = int(f"{value:e}".partition("e")[2]) // 3 * 3
    return f"{value / 10.0**power:g}e{power}"


def amount(fence: Fence, words: str) -> Amount:
    """Return the amount that a preset states, or that of the fact which it names."""
    origin, _, id = words.partition(":")
    if origin == "fact":
        fact = handbook(fence.site).facts.get(id)
        if fact is None:
            raise fence.place.refuse(f"unknown fact {id!r} in a preset of the calculator")
        words = f"{fact.value} {'' if fact.unit == '1' else fact.unit}"
    try:
        return parse_amount(words)
    except BadUnit as reason:
        raise fence.place.refuse(f"a preset of the calculator: {reason}", reason.hint) from None


def machine_fields(site: Site, shown: Calculator, choice: Choice, format: str) -> dict[str, float]:
    """Return the roofs of a machine as fields, empty unless all were measured."""
    roofs = roofs_on(site, choice)
    rates = {id: _roof(roofs, name, format) for id, name in shown.roofs.items()} if roofs else {}
    fields = {id: in_field(shown, id, rate) for id, rate in rates.items() if rate}
    return fields if fields.keys() == shown.roofs.keys() else {}


def _given(fence: Fence, shown: Calculator) -> Iterator[Filled]:
    for preset in shown.presets:
        values = {id: in_field(shown, id, amount(fence, words).base) for id, words in preset.values.items()}
        yield Filled(preset.kind, preset.name, values)


def _roofs(site: Site, shown: Calculator) -> Iterator[Filled]:
    """Yield every machine whose roofs were measured, with those that the calculator uses."""
    for choice in choices(site) if shown.roofs else ():
        records = site.by_place.get((choice.machine, choice.device), ())
        for format in FORMATS:
            if records and (fields := machine_fields(site, shown, choice, format)):
                on_core = " on one core" if choice.device == "cpu" else ""
                address = f"/machines/{records[0].machine.id}/"
                yield Filled("device", f"{choice.label}, {format}, measured{on_core}", fields, address)


def _roof(roofs: Roofs, name: str, format: str) -> float | None:
    """Return the bandwidth of the largest working set, or the rate of arithmetic in a number format."""
    if name == "bandwidth":
        return roofs.bandwidths[-1][1] if roofs.bandwidths else None
    return roofs.flops(format)


def _measured(site: Site, shown: Calculator) -> Iterator[Filled]:
    """Yield a preset for each machine and each value of a parameter that has all points."""
    if shown.measured is None:
        return
    for choice in choices(site):
        record = site.current(shown.measured.example, choice.machine, choice.device)
        for parameter in _parameters(record, shown.measured.over) if record else ():
            fields = _point_fields(site, shown, record, parameter) if record else {}
            if fields.keys() == shown.measured.values.keys():
                name = parameter if shown.measured.over in parameter else f"{shown.measured.over} {parameter}"
                yield Filled(shown.measured.kind, f"{name}, {choice.label}", fields)


def _parameters(record: Record, over: str) -> tuple[str, ...]:
    found = (parameter_text(*pair) for item in items(record) for pair in item.parameters if pair[0] == over)
    return tuple(dict.fromkeys(found))


def _point_fields(site: Site, shown: Calculator, record: Record, parameter: str) -> dict[str, float]:
    assert shown.measured is not None
    names = {name: id for id, name in shown.measured.values.items()}
    view = view_of(site, record)
    return {
        names[item.name]: in_field(shown, names[item.name], figure.value)
        for item in items(record)
        if item.name in names
        and parameter in (parameter_text(*pair) for pair in item.parameters)
        and (figure := figure_of(view, item.key))
    }
