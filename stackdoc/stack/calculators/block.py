"""The fence `calculator`: a form whose results are in the page, and that a script computes again as it changes.

The script of a calculator is made from the same laws that the examples predict with and the pages compute with.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from markupsafe import Markup

from stackdoc.laws.amount import Amount, parse_amount, to_base
from stackdoc.laws.javascript import function
from stackdoc.laws.units import BadUnit
from stackdoc.render.fences.fence import Fence, known_subject
from stackdoc.render.fences.passage import passage
from stackdoc.render.html.element import element
from stackdoc.render.values.machine_switch import choices, roofs_on
from stackdoc.site.site import Site
from stackdoc.stack.calculators.calculator import Calculator, Input, LawStep, compute, winner
from stackdoc.stack.handbook import handbook
from stackdoc.stack.laws.formatting import format_value, with_unit
from stackdoc.statistics.figure import PREFIXED
from stackdoc.statistics.roofs import Roofs

SCRIPT = "/assets/stackdoc/calculator/calculator.js"


def calculator(fence: Fence) -> Markup:
    """Render `calculator: ID`. Raises StackdocError for an unknown one, or a preset whose fact is unknown."""
    known = handbook(fence.site).calculators
    shown = known[known_subject(fence, known, "calculator")]
    laws = handbook(fence.site).laws
    results = compute(shown, laws, shown.defaults)
    note = element("p", passage(fence.site, shown.note, fence.place), class_="sd-small") if shown.note else None
    return element(
        "form",
        element("p", element("strong", shown.title), class_="sd-calculator__title"),
        element("fieldset", _presets(fence, shown), *map(_field, shown.inputs), disabled=True),
        element("p", class_="sd-calculator__problem", role="status", hidden=True),
        element("dl", *(_result(step, laws[step.law].unit, results[step.id], step.law) for step in shown.steps)),
        _largest(shown, results),
        note,
        *_scripts(fence, shown),
        class_="sd-calculator",
        id=f"calculator-{shown.id}",
        data_calculator=shown.id,
        autocomplete="off",
    )


def _field(given: Input) -> Markup:
    shown = field_unit(given.unit)
    box = element(
        "input",
        name=given.id,
        value=engineering(given.value),
        inputmode="decimal",
        data_factor=repr(to_base(1.0, given.unit)),
        data_least=repr(given.least),
        data_most=repr(given.most),
        data_unit=shown,
    )
    name = f"{given.means[:1].upper()}{given.means[1:]}"
    return element("label", element("span", name), element("span", box, f" {shown}"))


def field_unit(unit: str) -> str:
    """Return what is written behind a field: nothing for a plain number, the plural of a count."""
    return with_unit("", unit).strip() if unit not in ("1", "") else ""


def engineering(value: float) -> str:
    """Return a number for a field: `16`, `0.25`, `70e9`."""
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:g}"
    power = int(f"{value:e}".partition("e")[2]) // 3 * 3
    return f"{value / 10.0**power:g}e{power}"


def _result(step: LawStep, unit: str, value: float, law: str) -> Markup:
    """Render a result with a link to its law; the attributes tell the script how to format it."""
    display = step.unit or unit
    number = element(
        "output",
        format_value(value, unit, requested=step.unit),
        name=step.id,
        data_unit="" if display == "1" else display,
        data_factor=repr(to_base(1.0, display)),
        data_prefixed=display in PREFIXED and not step.unit,
    )
    name = f"{step.means[:1].upper()}{step.means[1:]}"
    term = element("dt", element("a", name, href=f"/laws/#law-{law}"))
    return element("div", term, element("dd", number))


def _largest(shown: Calculator, results: Mapping[str, float]) -> Markup | None:
    if shown.largest is None:
        return None
    words = element("output", winner(shown, results), name="largest", data_words=json.dumps(dict(shown.largest.words)))
    return element("p", f"{shown.largest.means} ", element("strong", words))


def _presets(fence: Fence, shown: Calculator) -> Markup | None:
    """Render the choice of a device: those of the presets, and every machine whose roofs were measured."""
    options = [*_given_presets(fence, shown), *_measured_presets(fence.site, shown)]
    if not options:
        return None
    first = element("option", "your own numbers", value="")
    boxes = [element("option", name, value=json.dumps(values)) for name, values in options]
    return element("label", element("span", "Device"), element("select", first, *boxes, name="preset"))


def _given_presets(fence: Fence, shown: Calculator) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield each preset with its values in the units of the fields."""
    for preset in shown.presets:
        yield preset.name, {id: _in_field(shown, id, _amount(fence, words)) for id, words in preset.values.items()}


def _amount(fence: Fence, words: str) -> Amount:
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


def _in_field(shown: Calculator, id: str, amount: Amount) -> float:
    unit = next(given.unit for given in shown.inputs if given.id == id)
    return float(f"{amount.base / to_base(1.0, unit):.6g}")


def _measured_presets(site: Site, shown: Calculator) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield every machine whose roofs were measured, with those that the calculator uses."""
    for choice in choices(site) if shown.roofs else ():
        roofs = roofs_on(site, choice)
        amounts = {id: _roof(roofs, name) for id, name in shown.roofs.items()} if roofs else {}
        fields = {id: _in_field(shown, id, amount) for id, amount in amounts.items() if amount}
        if fields.keys() == shown.roofs.keys():
            on_core = " on one core" if choice.device == "cpu" else ""
            yield f"{choice.label}, measured{on_core}", fields


def _roof(roofs: Roofs, name: str) -> Amount | None:
    """Return the bandwidth of the largest working set, or the rate of a number format."""
    if name == "bandwidth":
        return Amount(roofs.bandwidths[-1][1], "B/s") if roofs.bandwidths else None
    rate = roofs.flops(name)
    return Amount(rate, "FLOP/s") if rate else None


def _scripts(fence: Fence, shown: Calculator) -> list[Markup]:
    """Publish the laws as a script, and return the elements that load it; they need no script within the page."""
    if fence.assets is None:
        return []
    laws = handbook(fence.site).laws
    steps = [
        f"[{json.dumps(step.id)}, {function(laws[step.law].tree)}, {json.dumps(dict(step.symbols))}]"
        for step in shown.steps
    ]
    text = (
        f"(self.sdCalculators ??= {{}})[{json.dumps(shown.id)}] = [\n"
        + "".join(f"  {step},\n" for step in steps)
        + "];\n"
    )
    own = fence.assets.add(f"assets/calculators/{shown.id}.js", text.encode())
    return [element("script", src=address, defer=True) for address in (own, SCRIPT)]
