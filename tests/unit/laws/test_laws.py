"""Laws: the grammar, its three evaluations, units and dimensions, and what the check of a law refuses."""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stackdoc.errors import Problem
from stackdoc.laws.amount import read, same_kind, to_base
from stackdoc.laws.check import faults
from stackdoc.laws.dimensions import check_result, dimensions
from stackdoc.laws.evaluate import NoValue, evaluate
from stackdoc.laws.expression import DEEPEST, Call, Malformed, Name, Negative, Number, Operation, Tree, parse, symbols
from stackdoc.laws.javascript import function, javascript
from stackdoc.laws.known import KnownLaw, value_of
from stackdoc.laws.latex import latex
from stackdoc.laws.law import Law
from stackdoc.laws.read import known_laws, laws_of_script, read_laws
from stackdoc.laws.units import COUNTS, BadUnit, names, registry, unit
from stackdoc.project import Layout
from stackdoc.render.html.formulas import formula
from stackdoc.render.values.points import Location
from tests.browsing import QUIET, browser_path
from tests.made.laws import KV
from tests.made.repository import ROOT


def laws_of_handbook() -> list[Law]:
    problems: list[Problem] = []
    found = read_laws(Layout(ROOT), problems)
    assert not problems
    return list(found.values)


def checked(root: Path, text: str) -> str:
    """What is wrong with a file of laws, a line each."""
    place = root / "docs/data/laws"
    place.mkdir(parents=True, exist_ok=True)
    (place / "kernels.yml").write_text(text, "utf-8")
    problems: list[Problem] = []
    for entry, law in read_laws(Layout(root), problems).entries:
        problems.extend(faults(entry, law))
    return "\n".join(map(str, problems))


# The grammar.


def test_powers_bind_before_signs_and_products_before_sums() -> None:
    assert evaluate(parse("-2 ** 2 + 3 * 4 - 10 / 5"), {}) == 6
    assert evaluate(parse("2 ** 3 ** 2"), {}) == 512
    assert evaluate(parse("8 - 3 - 2"), {}) == 3
    assert symbols(parse("b * min(a, b) + c")) == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1 to 500 characters"),
        ("1 + " * 200 + "1", "1 to 500 characters"),
        ("a ^ 2", "no operator"),
        ("a if b else c", "IfExp is not allowed"),
        ("a, b", "Tuple is not allowed"),
        ("a // b", "FloorDiv is not allowed"),
        ("+a", "UAdd is not allowed"),
        ("a.b", "Attribute is not allowed"),
        ("lambda x: x", "':' has no place"),
        ("__import__('os')", '"\'" has no place'),
        ("[1][0]", "'[' has no place"),
        ("a % b", "'%' has no place"),
        ("x := 1", "':' has no place"),
        ("a = 1", "'=' has no place"),
        ("eval(a)", "unknown function 'eval'"),
        ("srt(a)", "unknown function 'srt'"),
        ("sqrt(*a)", "Starred is not allowed"),
        ("sqrt(a, b)", "sqrt takes one argument"),
        ("sqrt()", "sqrt takes one argument"),
        ("max(a)", "max takes two arguments or more"),
        ("sqrt(a)(b)", "Call is not allowed"),
        ("True", "'True' is no number"),
        ("1j", "'1j' is no number"),
        ("1e999", "too large"),
        ("9" * 400, "too large"),
        ("2 ** 65", "the exponent 65 is over 64"),
        ("2 ** -65", "the exponent 65 is over 64"),
        ("(" * 150 + "1" + ")" * 150 + " +", "is no expression"),
        ("-" * 60 + "1", "nests deeper than 40"),
        ("1 +" * 100 + "1", "numbers, symbols and operations"),
        ("a +", "is no expression"),
        ("a b", "is no expression"),
        ("not a", "Not is not allowed"),
        ("a and b", "And is not allowed"),
        ("ａ", "has no place"),
    ],
)
def test_what_is_no_arithmetic_is_refused(text: str, said: str) -> None:
    with pytest.raises(Malformed, match=re.escape(said)):
        parse(text)


NAMES = st.sampled_from(["a", "b", "layers", "bytes_per_number"])
NUMBERS = st.floats(0, 1e12, allow_nan=False).map(Number)
TREES: st.SearchStrategy[Tree] = st.recursive(
    NUMBERS | NAMES.map(Name),
    lambda inner: (
        st.builds(Operation, st.sampled_from(["+", "-", "*", "/"]), inner, inner)
        | st.builds(Operation, st.just("**"), inner, st.integers(0, 4).map(lambda power: Number(float(power))))
        | st.builds(Negative, inner)
        | st.builds(Call, st.sampled_from(["min", "max"]), st.tuples(inner, inner))
        | st.builds(Call, st.sampled_from(["sqrt", "log", "log2", "exp", "ceil", "floor"]), st.tuples(inner))
    ),
    max_leaves=10,
)


def written(tree: Tree) -> str:
    """The text of a tree, each operation in parentheses."""
    match tree:
        case Number(value):
            return repr(value)
        case Name(name):
            return name
        case Negative(of):
            return f"(-{written(of)})"
        case Operation(operator, left, right):
            return f"({written(left)} {operator} {written(right)})"
        case Call(called, arguments):
            return f"{called}({', '.join(map(written, arguments))})"


@given(TREES)
@settings(max_examples=200, deadline=None)
def test_a_tree_that_is_written_out_is_read_again(tree: Tree) -> None:
    text = written(tree)
    if len(text) <= 500:
        assert parse(text) == tree


@given(st.text(alphabet="ab1.+-*/()min sqrt,_e", max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        tree = parse(text)
    except Malformed:
        return
    assert javascript(tree)
    assert latex(tree)


@given(TREES)
@settings(max_examples=100, deadline=None)
def test_every_tree_can_be_set(tree: Tree) -> None:
    source = latex(tree)
    if len(source) < 900:
        assert "<math" in formula(source, Location("x.md", 1))


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


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a * (b + c)", r"\text{a} \cdot \left( \text{b} + \text{c} \right)"),
        ("a - (b - c)", r"\text{a} - \left( \text{b} - \text{c} \right)"),
        ("a / b / c", r"\frac{\frac{\text{a}}{\text{b}}}{\text{c}}"),
        ("(a + b) ** 2", r"{\left( \text{a} + \text{b} \right)}^{2}"),
        ("1e9 * kv_heads", r"1000000000 \cdot \text{kv heads}"),
        ("1e20 * a", r"1 \cdot {10}^{20} \cdot \text{a}"),
        ("ceil(a) + sqrt(b) - log2(c)", r"\left\lceil \text{a} \right\rceil + \sqrt{\text{b}}"),
    ],
)
def test_a_formula_keeps_its_parentheses(text: str, found: str) -> None:
    assert found in latex(parse(text))


# Units and amounts.


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("1 GB", 1e9),
        ("1 GiB", 2**30),
        ("200 Gbit/s", 25e9),
        ("3.35 TB/s", 3.35e12),
        ("989 TFLOP/s", 989e12),
        ("1 B", 1),
        ("2 kWh", 7.2e6),
        ("0.12 USD/kWh", 0.12 / 3.6e6),
        ("6.54 USD/Mtoken", 6.54e-6),
        ("99.9 %", 0.999),
        ("1 year", 8760 * 3600),
        ("2 min", 120),
        ("5 µs", 5e-6),
        ("5 us", 5e-6),
        ("about 580 ×", 580),
        ("1.5×10^9 token", 1.5e9),
        ("1.5×10⁹", 1.5e9),
        ("60 000 token", 60000),
        ("1,400 USD", 1400),
        ("8192 tokens", 8192),
        ("-3", -3),
        ("4 W/W", 4),
    ],
)
def test_an_amount_is_read_as_printed(text: str, base: float) -> None:
    assert read(text).base == pytest.approx(base, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("325 to 580 TWh", "is a range"),
        ("1–2 %", "is a range"),
        ("up to 5 ×", "is a bound"),
        ("over 60 000", "is a bound"),
        ("tens of MW", "is no quantity"),
        ("2.10.0", "is no single number"),
        ("3 parsecs", "unknown unit 'parsecs'"),
        ("8 × 100 Gbit/s", "is no unit"),
        ("2 x 1024 MiB", "is no unit"),
        ("3 GBs", "unknown unit 'GBs'"),
        ("3 dB", "unknown unit 'dB'"),
        ("3 (exponent)", "is no unit"),
        ("3 __class__", "unknown unit"),
        ("9" * 100, "is no quantity"),
        ("", "is no quantity"),
    ],
)
def test_what_is_not_one_quantity_is_refused(text: str, said: str) -> None:
    with pytest.raises(BadUnit, match=re.escape(said)):
        read(text)


def test_an_unknown_unit_is_told_with_the_nearest() -> None:
    with pytest.raises(BadUnit) as refused:
        unit("tokn/s")
    assert refused.value.hint == "did you mean 'token'?"


def test_every_unit_that_is_suggested_is_known() -> None:
    for name in names():
        unit(name)


def test_tokens_are_no_requests_but_a_plain_number_may_be_either() -> None:
    assert same_kind("kB", "GiB")
    assert same_kind("1", "token")
    assert same_kind("GPU", "1")
    assert not same_kind("token", "request")
    assert not same_kind("B", "1")
    assert not same_kind("B/token", "B")
    assert not same_kind("FLOP/s", "Hz")


@given(st.floats(1e-12, 1e12), st.sampled_from(["GB/s", "TFLOP", "kWh", "USD/Mtoken", "%", "month", "Gbit/s"]))
def test_a_conversion_there_and_back_is_the_same(value: float, text: str) -> None:
    assert to_base(value, text) / to_base(1.0, text) == pytest.approx(value, rel=1e-12)


UNITS = {"n": "1", "b": "B", "t": "s", "k": "token", "r": "request", "f": "FLOP", "bw": "B/s", "peak": "FLOP/s"}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("2 * n * b * k", "B"),
        ("6 * n * k", "FLOP"),
        ("max(f / peak, b / bw)", "s"),
        ("peak / bw", "FLOP/B"),
        ("2 * n * k + 4 * n * k ** 2", "FLOP"),
        ("sqrt(2 * t * t)", "s"),
        ("1 - n ** k", "1"),
        ("k * t + t", "s"),
        ("floor(b / b)", "token"),
        ("exp(-t / t) * log(n)", "1"),
        ("b ** 2 / b", "B"),
    ],
)
def test_dimensions_of_lawful_expressions(text: str, result: str) -> None:
    check_result(dimensions(parse(text), UNITS), result)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("b + t", "adds byte and second"),
        ("k + b", "adds token and byte"),
        ("k - r", "subtracts token and request"),
        ("max(b, t)", "compares byte and second"),
        ("1 + b", "adds a plain number and byte"),
        ("log(b)", "log of byte"),
        ("ceil(t)", "ceil of second"),
        ("2 ** t", "the exponent is second"),
        ("b ** n", "byte to a power that is not written down"),
    ],
)
def test_a_sum_of_unlike_things_is_refused(text: str, said: str) -> None:
    with pytest.raises(BadUnit) as refused:
        dimensions(parse(text), UNITS)
    assert said in str(refused.value).replace("information", "byte").replace("time", "second")


def test_a_result_of_another_dimension_is_refused() -> None:
    with pytest.raises(BadUnit, match="not s"):
        check_result(dimensions(parse("b * k"), UNITS), "s")


# The three evaluations.


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
            amounts = {name: read(value, law.units[name]) for name, value in vector.given.items()}
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


# What the check of a law refuses.


def test_the_laws_of_the_handbook_are_lawful() -> None:
    problems: list[Problem] = []
    entries = read_laws(Layout(ROOT), problems).entries
    assert [str(one) for entry, law in entries for one in faults(entry, law)] == []
    assert entries


def test_every_law_of_the_handbook_can_be_set() -> None:
    for law in laws_of_handbook():
        assert "<math" in formula(latex(law.tree, {name: name for name in law.symbols}), Location("x.md", 1))


def test_a_lawful_law_has_no_faults(tmp_path: Path) -> None:
    assert checked(tmp_path, KV) == ""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("* tokens", "* token", "kernels.yml:5: [0].expression: unknown symbol 'token'; did you mean 'tokens'?"),
        ("* tokens", "", "kernels.yml:10: [0].symbols.tokens: the expression has no 'tokens'"),
        ("* tokens", "* (tokens", "kernels.yml:5: [0].expression: '2 * layers * bytes_per_number * (tokens' is no"),
        ("  unit: B\n", "  unit: s\n", "kernels.yml:5: [0].expression: the expression gives"),
        ("  unit: B\n", "  unit: Bt\n", "kernels.yml:6: [0].unit: unknown unit 'Bt'; did you mean"),
        ("unit: token", "unit: tokn", "kernels.yml:10: [0].symbols.tokens.unit: unknown unit 'tokn'; did you mean"),
        ("unit: B,", "units: B,", "kernels.yml:9: [0].symbols.bytes_per_number.units: unknown key 'units'"),
        ("tokens: {unit", "import: {unit", "'import' is no symbol"),
        ("120 B", "121 B", "kernels.yml:14: [0].vectors[0].result: the law gives 120, the source 121 B, 0.83% off"),
        ("120 B", "120 s", "120 s is [time], where B is expected"),
        ("120 B", "many", "'many' is no quantity"),
        (", tokens: 10", "", "kernels.yml:13: [0].vectors[0].given: lacks 'tokens'"),
        ("tokens: 10", "tokens: 10 request", "10 request is [request], where token is expected"),
        ("tokens: 10", "tokens: 10, width: 3", "unknown symbol 'width'"),
        ("result: 120 B", "result: 120 B\n      tolerance: 0.5", "found 0.5; a share from 0 to 0.2 is expected"),
        ("2 * layers", "2 / (layers - 3)", "the law divides by zero"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = KV.replace(old, new, 1)
    if "121" in new:
        text = text.replace("result: 121 B", "result: 121 B\n      tolerance: 0.001")
    assert said in checked(tmp_path, text)


def test_a_law_without_a_vector_is_refused(tmp_path: Path) -> None:
    bare = KV.partition("  vectors:")[0] + "  vectors: []\n"
    assert "a law needs a vector; give one published number" in checked(tmp_path, bare)


# What a launch knows.


def test_a_launch_gets_the_laws_of_the_files_that_its_example_names(tmp_path: Path) -> None:
    checked(tmp_path, KV)
    (tmp_path / "docs/data/other.yml").write_text("- id: kv\n", "utf-8")
    files = ["docs/data/other.yml", "docs/data/laws/kernels.yml", "docs/data/laws/none.yml"]
    laws = known_laws(tmp_path, files)
    found = value_of(laws, "kv", {"layers": 3, "bytes_per_number": 2, "tokens": 10})
    assert float(found) == 120.0
    assert found.formula == "kv: 2 * layers * bytes_per_number * tokens"
    assert known_laws(tmp_path, files[:1]) == {}


@pytest.mark.parametrize(
    ("id", "symbols", "said"),
    [
        ("kv-cach", {"a": 1}, "unknown law 'kv-cach'; did you mean 'kv-cache'?"),
        ("other", {"a": 1}, "unknown law 'other'; name its file in data, such as docs/data/laws/kernels.yml"),
        ("kv-cache", {"b": 1}, "law 'kv-cache' has no symbol 'b'; known: a"),
        ("kv-cache", {}, "law 'kv-cache' lacks a"),
        ("kv-cache", {"a": 0}, "law 'kv-cache' divides by zero"),
    ],
)
def test_a_wrong_call_of_a_law_says_what_is_wrong(id: str, symbols: dict[str, float], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        value_of({"kv-cache": KnownLaw("1 / a", ("a",))}, id, symbols)


def test_a_script_that_runs_alone_finds_the_laws_of_its_project(tmp_path: Path) -> None:
    checked(tmp_path, KV)
    script = tmp_path / "examples/kernels/one.py"
    script.parent.mkdir(parents=True)
    header = '# /// script\n# [tool.stackdoc]\n# title = "A"\n# data = ["docs/data/laws/kernels.yml"]\n# ///\n'
    script.write_text(header, "utf-8")
    assert set(laws_of_script(str(script))) == {"kv"}
    with pytest.raises(ValueError, match="lies in no project"):
        laws_of_script(str(tmp_path / "one.py"))


def test_nothing_nests_deeper_than_it_may() -> None:
    parse("-" * (DEEPEST - 1) + "1")
    with pytest.raises(Malformed):
        parse("-" * DEEPEST + "1")
