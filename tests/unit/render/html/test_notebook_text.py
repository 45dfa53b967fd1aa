"""Text of cells: formulas set at build, links of the project's pages resolved, code and everything else as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackdoc.adapters.addresses import Addresses
from stackdoc.project import Layout
from stackdoc.render.html.notebook_text import notebook_text
from stackdoc.site.site import Site
from tests.made import two_machines

EXAMPLES = {id: two_machines.example(id) for id in ("sorting/heap", "sorting/merge", "flat")}


def text(source: str, prefix: str = "") -> str:
    site = Site(Layout(Path(), "docs", prefix), EXAMPLES, {})
    return notebook_text(source, EXAMPLES["sorting/heap"], site)


@pytest.mark.parametrize(
    ("source", "link"),
    [
        ("[a](merge.py)", "[a](/examples/sorting/merge/)"),
        ("[a](merge.py#end)", "[a](/examples/sorting/merge/#end)"),
        ("[a](../flat.py)", "[a](/examples/flat/)"),
        ("[a](../../guide.md#top)", "[a](/guide/#top)"),
        ("[a](../../docs/guide.md#top)", "[a](/guide/#top)"),
        ("[a](../../guide/index.md)", "[a](/guide/)"),
        ("[a](../../index.md)", "[a](/)"),
        ('[a](../../guide.md "a title")', '[a](/guide/ "a title")'),
    ],
)
def test_a_link_leads_to_the_page_of_a_script_or_of_the_site(source: str, link: str) -> None:
    assert text(source) == link


def test_a_page_is_found_below_a_prefix_too() -> None:
    assert text("[a](../../docs/guide.md)", "bench/") == "[a](/../guide/)"
    assert text("[a](merge.py)", "bench/") == "[a](/examples/sorting/merge/)"
    link = Addresses("bench/").relative('<a href="/../guide/">', "bench/examples/sorting/heap/")
    assert link == '<a href="../../../../guide/">'


@pytest.mark.parametrize(
    "source",
    [
        "[a](https://example.org/x.md)",
        "[a](/rooted.md)",
        "[a](#here)",
        "[a](mailto:a@example.org)",
        "[a](data.csv)",
        "[a](../../../outside.md)",
        "[a](unknown.py)",
        "`[a](merge.py)` and ``$x$``",
        "```\n$x$ [a](merge.py)\n```",
        "It costs $5 and $6, or \\$7.",
        "$\\nosuchcommand{x}$",
    ],
)
def test_what_is_neither_a_page_nor_a_formula_stays(source: str) -> None:
    assert text(source) == source


def test_a_formula_is_set_and_means_nothing_to_markdown() -> None:
    inline = text("With $x_1 * y_1$ in it.")
    assert inline.startswith('With <math display="inline" alttext="x_1 * y_1">')
    assert "<mo>&#42;</mo>" in inline
    assert text("$$\\frac{1}{2}$$").startswith('\n\n<math display="block"')
