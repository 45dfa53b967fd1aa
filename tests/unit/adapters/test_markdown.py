"""The Markdown extension without a host: fences, roles, code spans and comments."""

from __future__ import annotations

import re

import pytest
from markdown import Markdown

from stackdoc.errors import StackdocError
from tests.made.built import PROJECTS

SMALL = PROJECTS / "small"


def converted(text: str) -> str:
    """A page converted by the extension alone, as an engine without our plugin has it."""
    return Markdown(
        extensions=["fenced_code", "stackdoc"], extension_configs={"stackdoc": {"root": str(SMALL)}}
    ).convert(text)


def test_the_extension_alone_reads_the_project_and_says_what_is_missing() -> None:
    html = converted(
        "Sorting takes {measured}`sorting/merge sorted n=1000 time`.\n\n```stackdoc\ncode: sorting/merge\n```\n"
    )
    assert "not measured here" in html
    assert "sd-problem" not in html
    assert "sorted(numbers)" in re.sub(r"<[^>]+>", "", html)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("```stackdoc\nexampel: sorting/merge\n```", 2),
        ("one\n\n- two\n\n    ```stackdoc\n    example: sorting/merge\n    figur: timing\n    ```", 7),
        ("one\n\n````\n```stackdoc\nquoted\n```\n````\n\n{measured}`sorting/marge sorted time`", 9),
    ],
)
def test_without_a_host_a_problem_is_raised_with_its_line(text: str, line: int) -> None:
    with pytest.raises(StackdocError) as caught:
        converted(text)
    assert [problem.line for problem in caught.value.problems] == [line]


@pytest.mark.parametrize(
    "text",
    [
        "``{measured}`sorting/merge sorted time` ``",
        "`` and {measured}`sorting/merge sorted time` ``",
        "```text\n{measured}`sorting/merge sorted time`\n```",
        r"\{measured}`sorting/merge sorted time`",
    ],
)
def test_a_quoted_role_is_not_one(text: str) -> None:
    html = converted(text)
    assert "not measured" not in html
    assert "measured}" in html


@pytest.mark.parametrize("others", [["fenced_code"], ["fenced_code", "pymdownx.highlight", "pymdownx.inlinehilite"]])
def test_code_spans_stay_what_they_were(others: list[str]) -> None:
    text = '`#!js "strings"` and `#!py None` and `a` and ``b ` c`` and `` `d` `` and \\`e` and \\\\`f` and `{x}`'
    ours = Markdown(extensions=[*others, "stackdoc"], extension_configs={"stackdoc": {"root": str(SMALL)}})
    assert ours.convert(text) == Markdown(extensions=others).convert(text)


@pytest.mark.parametrize(
    "text",
    [
        "<!--\n```stackdoc\nexample: sorting/abandoned\n```\n-->",
        "One.\n\n- two <!-- three\n\n    ```stackdoc\n    example: sorting/abandoned\n    ```\n\n    -->\n",
        "One <!-- {measured}`sorting/abandoned sorted time` --> two.",
    ],
)
def test_what_stands_in_a_comment_is_not_looked_at(text: str) -> None:
    assert "sd-" not in converted(text)


@pytest.mark.parametrize("before", ["A comment begins with `<!--`.", "<!-- a --> `-->`", "A lone <!-- in the text."])
def test_a_fence_after_a_comment_is_one(before: str) -> None:
    assert "sd-code-listing" in converted(f"{before}\n\n```stackdoc\ncode: sorting/merge\n```\n")
