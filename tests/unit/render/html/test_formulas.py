"""Formulas: what a browser is given, and what is refused with its line."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from stackdoc.errors import StackdocError
from stackdoc.render.fences.block import fence
from stackdoc.render.fences.roles import role
from stackdoc.render.html.formulas import formula
from stackdoc.render.values.points import Location
from tests.made import two_machines

HERE = Location("docs/layers/kernels.md", 12)


def test_a_formula_is_mathml_with_its_source_as_alternative_text() -> None:
    html = formula(r"\frac{2 n^3}{R}", HERE)
    assert html == (
        r'<math display="inline" alttext="\frac{2 n^3}{R}"><mrow><mfrac>'
        "<mrow><mn>2</mn><msup><mi>n</mi><mn>3</mn></msup></mrow><mrow><mi>R</mi></mrow>"
        "</mfrac></mrow></math>"
    )


def test_escaped_characters_in_text_appear_as_themselves() -> None:
    assert re.findall(r"<mtext>(.*?)</mtext>", formula(r"\text{50 \% \# \$}", HERE)) == ["50\xa0%\xa0#\xa0$"]


@pytest.mark.parametrize(
    "latex",
    [
        r"t \ge \max\left( \frac{F}{R},\ \frac{B}{W} \right)",
        r"t_\text{before} - t_\text{after}",
        r"\sqrt[3]{x} \cdot \log_2 n \approx 10^{-3}\,\mu\text{s}",
        r"\begin{cases} a & x \le 1 \\ b & x > 1 \end{cases}",
        r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}",
        r"\mathrm{softmax}\left(\frac{Q K^\top}{\sqrt{d}}\right) V",
        r"\{ \hat{y}, \overline{x}, \mathbb{R} \}",
        r"\sum_{i=1}^{n} t_i \quad \prod_i p_i \quad \lceil x \rceil",
    ],
)
def test_what_a_handbook_needs_can_be_set(latex: str) -> None:
    html = formula(latex, HERE, block=True)
    assert html.startswith('<math display="block"')
    assert "\\" not in re.sub(r"<[^>]*>", "", html)


@pytest.mark.parametrize(
    ("latex", "said"),
    [
        (r"\frca{a}{b}", r"\frca is not a known command"),
        (r"\frac{a}", "an argument is missing"),
        (r"\frac{a}{b", "has unbalanced braces"),
        ("a}", "has unbalanced braces"),
        ("a_", "missing super script or subscript"),
        ("a^b^c", "double superscripts"),
        (r"\left( a", "extra left or missing right"),
        (r"\begin{matrix} a", "missing end"),
        ("a & b", "& has no meaning here"),
        ("", "a formula has 1 to 1000 characters, this one 0"),
        ("x" * 1001, "a formula has 1 to 1000 characters, this one 1001"),
        ("{" * 480 + "}" * 480, "nested too deeply"),
        (r"\href{javascript:alert(1)}{x}", "href is not allowed"),
        (r"\style{position:fixed}{x}", "style is not allowed"),
        (r"\class{md-header}{x}", "class is not"),
    ],
)
def test_what_can_not_be_set_is_refused_with_its_place(latex: str, said: str) -> None:
    with pytest.raises(StackdocError) as caught:
        formula(latex, HERE)
    assert str(caught.value).startswith("docs/layers/kernels.md:12: ")
    assert said in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("latex", [r"\text{<script>alert(1)</script>}", '<img src="x" onerror="y">', "a\u202eb\ud800"])
def test_a_formula_can_not_be_anything_else(latex: str) -> None:
    html = formula(latex, HERE)
    assert set(re.findall(r"<(\w+)", html)) <= {"math", "mrow", "mi", "mo", "mtext", "mn"}
    assert set(re.findall(r"\s(\w+)=", re.sub(r'"[^"]*"', '""', html))) <= {"display", "alttext", "stretchy"}
    unescape(html).encode()


def test_a_fence_numbers_a_formula_and_gives_it_an_address(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    numbered = fence(site, "math: |\n  a = b\nnumber: 2\n", "p.md", 3)
    assert numbered.startswith('<div class="sd-formula" id="equation-2"')
    assert numbered.endswith('<a class="sd-formula__number" href="#equation-2">(2)</a></div>')
    assert 'id="ridge"' in fence(site, "math: a = b\nanchor: ridge\n", "p.md", 3)
    plain = fence(site, "math: a = b", "p.md", 3)
    assert "id=" not in plain
    assert "<a" not in plain


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("math: 3", "p.md:3: a formula must be text"),
        ("math: |\n  \\frca{a}{b}", "p.md:3: '\\\\frca{a}{b}' can't be converted"),
        ("math: a\nanchor: Two Words", "p.md:4: anchor is 'Two Words'"),
        ("math: a\nlabel: x", "p.md:4: math: unknown key 'label'"),
    ],
)
def test_a_fence_that_is_wrong_says_where(tmp_path: Path, body: str, said: str) -> None:
    with pytest.raises(StackdocError) as caught:
        fence(two_machines.site(tmp_path), body, "p.md", 3)
    assert str(caught.value).startswith(said)


def test_a_role_sets_a_formula_in_the_line(tmp_path: Path) -> None:
    assert role(two_machines.site(tmp_path), "math", r"n^2", "p.md", 3).startswith('<math display="inline"')
