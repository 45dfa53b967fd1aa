"""The three evaluations of a law agree: floats, quantities with units, and JavaScript."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from typing import Any

import pytest

from stackdoc.laws.amount import parse_amount
from stackdoc.laws.evaluate import NoValue, evaluate
from stackdoc.laws.expression import parse
from stackdoc.laws.javascript import function
from stackdoc.laws.law import Law
from stackdoc.laws.units import COUNTS, registry, unit
from tests.browsing import QUIET, browser_path
from tests.made.laws import laws_of_handbook


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 / a", "divides by zero"),
        ("sqrt(a - 1)", "has no value"),
        ("log(a)", "has no value"),
        ("(a - 1) ** 0.5", "has no value"),
        ("exp(1e4)", "has no value"),
        ("1e300 * 1e300", "is too large"),
        ("ceil(1e200 * 1e200)", "has no value"),
    ],
)
def test_numbers_without_a_result_say_so(text: str, said: str) -> None:
    with pytest.raises(NoValue, match=said):
        evaluate(parse(text), {"a": 0.0})


def by_pint(law: Law, amounts: dict[str, Any]) -> float:
    """The law by pint's own arithmetic on quantities in the units given; counts, which pint tells apart, taken off."""
    units = registry()

    def plain(value: Any) -> Any:
        for name, power in dict(value.dimensionality.items()).items():
            if name.strip("[]") in COUNTS:
                value = value / units.Quantity(1, name.strip("[]")) ** power
        return value

    def number(value: Any) -> float:
        return float(value.m_as("")) if hasattr(value, "m_as") else float(value)

    known = {
        "min": min,
        "max": max,
        "sqrt": lambda x: x**0.5,
        "exp": lambda x: math.exp(number(x)),
        "log": lambda x: math.log(number(x)),
        "log2": lambda x: math.log2(number(x)),
        "ceil": lambda x: math.ceil(number(x)),
        "floor": lambda x: math.floor(number(x)),
    }
    values = {name: plain(units.Quantity(one.value, str(unit(one.unit)))) for name, one in amounts.items()}
    values = {name: number(one) if one.dimensionless else one for name, one in values.items()}
    found = eval(law.expression, {"__builtins__": {}}, {**known, **values})  # our own data, for its own arithmetic
    return float(found.to_base_units().magnitude) if hasattr(found, "to_base_units") else float(found)


def by_javascript(asked: list[tuple[str, dict[str, float]]]) -> list[float]:
    """Each function on its symbols, by node, else by the browser of this machine."""
    calls = ", ".join(f"({text})({json.dumps(values)})" for text, values in asked)
    if node := shutil.which("node"):
        code = f"console.log(JSON.stringify([{calls}]))"
        ended = subprocess.run([node, "-e", code], capture_output=True, text=True, check=True)
        found: list[float] = json.loads(ended.stdout)
        return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=list(QUIET))
        found = browser.new_page().evaluate(f"() => [{calls}]")
        browser.close()
        return found


def test_floats_quantities_and_javascript_agree_on_every_published_number() -> None:
    asked, ours, quantities = [], [], []
    for law in laws_of_handbook():
        for vector in law.vectors:
            amounts = {name: parse_amount(value, law.units[name]) for name, value in vector.given.items()}
            values = {name: amount.base for name, amount in amounts.items()}
            asked.append((function(law.tree), values))
            ours.append(evaluate(law.tree, values))
            quantities.append(by_pint(law, amounts))
    assert ours
    assert quantities == pytest.approx(ours, rel=1e-12)
    assert by_javascript(asked) == pytest.approx(ours, rel=1e-12)


def test_a_sign_before_a_power_is_the_same_in_javascript() -> None:
    tree = parse("-a ** 2 - 2 ** -a")
    (found,) = by_javascript([(function(tree), {"a": 3.0})])
    assert found == evaluate(tree, {"a": 3.0})
