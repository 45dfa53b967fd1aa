"""The fence `calculator`: a form whose results are in the page, and that a script computes again as it changes.

The script of a calculator is made from the same laws that the examples predict with and the pages compute with.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isnan

from markupsafe import Markup

from stackdoc.errors import capitalised
from stackdoc.laws.amount import to_base
from stackdoc.laws.javascript import function
from stackdoc.render.fences.fence import Fence, known_subject
from stackdoc.render.fences.passage import passage
from stackdoc.render.html.element import element
from stackdoc.stack.calculators.calculator import Calculator, Input, LawStep, compute, winner
from stackdoc.stack.calculators.curve import figure
from stackdoc.stack.calculators.presets import engineering, menus, nearest, presets
from stackdoc.stack.handbook import handbook
from stackdoc.stack.laws.formatting import format_value, with_unit
from stackdoc.statistics.figure import PREFIXED

SCRIPT = "/assets/stackdoc/calculator/calculator.js"


def calculator(fence: Fence) -> Markup:
    """Render `calculator: ID`. Raises StackdocError for an unknown one, or a preset whose fact is unknown."""
    known = handbook(fence.site).calculators
    shown = known[known_subject(fence, known, "calculator")]
    laws = handbook(fence.site).laws
    results = compute(shown, laws, shown.defaults)
    known_presets = presets(fence, shown)
    note = element("p", passage(fence.site, shown.note, fence.place), class_="sd-small") if shown.note else None
    return element(
        "form",
        element("p", element("strong", shown.title), class_="sd-calculator__title"),
        element("fieldset", *menus(known_presets), *map(_field, shown.inputs), disabled=True),
        element("p", class_="sd-calculator__problem", role="status", hidden=True),
        element("dl", *(_result(step, laws[step.law].unit, results[step.id]) for step in shown.steps)),
        _largest(shown, results),
        nearest(shown, known_presets),
        figure(fence, shown, laws),
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
        data_means=given.means,
    )
    return element("label", element("span", capitalised(given.means)), element("span", box, f" {shown}"))


def field_unit(unit: str) -> str:
    """Return what is written behind a field: nothing for a plain number, the plural of a count."""
    return with_unit("", unit).strip() if unit not in ("1", "") else ""


def _result(step: LawStep, unit: str, value: float) -> Markup:
    """Render a result with a link to its law; the attributes tell the script how to format it."""
    display = step.unit or unit
    number = element(
        "output",
        step.otherwise if isnan(value) else format_value(value, unit, requested=step.unit),
        name=step.id,
        data_unit=with_unit("", display).strip(),
        data_one=with_unit("1", display).removeprefix("1").strip() or None,
        data_factor=repr(to_base(1.0, display)),
        data_prefixed=display in PREFIXED and not step.unit,
        data_otherwise=step.otherwise or None,
    )
    term = element("dt", element("a", capitalised(step.means), href=f"/laws/#law-{step.law}"))
    return element("div", term, element("dd", number))


def _largest(shown: Calculator, results: Mapping[str, float]) -> Markup | None:
    if shown.largest is None:
        return None
    words = element("output", winner(shown, results), name="largest", data_words=json.dumps(dict(shown.largest.words)))
    return element("p", f"{shown.largest.means} ", element("strong", words))


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
