"""The lint of prose, on the text a writer would write."""

from __future__ import annotations

import pytest

from stackdoc.stack.prose import typed_quantities


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It takes 3.5 ms.", ["3.5 ms"]),
        ("about 20 % of it", ["20 %"]),
        ("2.5× as fast, or 4x", ["2.5×", "4x"]),
        ("a price of $2.50", ["$2.50"]),
        ("moves 819 GB/s", ["819 GB/s"]),
        ("does 97 GFLOP/s", ["97 GFLOP/s"]),
        ("costs 0.7 pJ/FLOP", ["0.7 pJ/FLOP"]),
        ("a model of 7 billion parameters", ["7 billion parameters"]),
        ("after 15,000 tokens", ["15,000 tokens"]),
        ("| 16 GiB | 700 W |", ["16 GiB", "700 W"]),
        ("```stackdoc\nwhen: a claim\nholds: It takes 3 ms.\n```\n\n```text\n5 ms\n```\nand 7 ms", ["3 ms", "7 ms"]),
        ("~~~ stackdoc\nwhen: a claim\nholds: It takes 3 ms.\n~~~\n", ["3 ms"]),
    ],
)
def test_a_typed_quantity_is_found(text: str, found: list[str]) -> None:
    assert [problem.message.split("'")[1] for problem in typed_quantities("a.md", text)] == found


@pytest.mark.parametrize(
    "text",
    [
        "{measured}`kernels/gemm library n=512 time` and {given}`10 ms`",
        "`sleep 10 ms`",
        "```text\n10 ms\n```",
        "??? note\n\n    ```stackdoc\n    caption: 10 ms\n    ```",
        "the 16-bit formats, 512 by 512, in 2024, at rank 8",
        "[a link](https://example.org/10 ms)",
        "<span style='width: 10 s'>",
        "## References\n\n- It took 10 ms, 2020.",
        "step 3 is last",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert not list(typed_quantities("a.md", text))


def test_the_line_is_that_of_the_page() -> None:
    text = "one\n\n```text\na\nb\n```\n\nIt takes\n10 ms.\n"
    assert [problem.line for problem in typed_quantities("a.md", text)] == [9]
