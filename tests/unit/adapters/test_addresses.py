"""Addresses, navigation, and the scan for fences."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from markdown import Markdown

from stackdoc.adapters.addresses import relative
from stackdoc.adapters.mkdocs.navigation import expand
from stackdoc.adapters.mkdocs.publish import description_of
from stackdoc.errors import StackdocError
from stackdoc.site.first_machine import first_machine
from stackdoc.site.site import HERE, Site
from stackdoc.stack.systems.types import System
from tests.made import two_machines
from tests.made.built import PROJECTS


@pytest.mark.parametrize(
    ("address", "url", "expected"),
    [
        ("/layers/kernels/", "layers/silicon/", "../kernels/"),
        ("/layers/kernels/", "", "layers/kernels/"),
        ("/assets/a.css", "r/0123/", "../../assets/a.css"),
        ("/", "layers/kernels/", "../../"),
        ("/claims/#naive", "claims/", "./#naive"),
        ("/data/x.json?y=1", "404.html", "data/x.json?y=1"),
    ],
)
def test_addresses_become_relative_to_the_page(address: str, url: str, expected: str) -> None:
    assert relative(f'<a href="{address}">', url) == f'<a href="{expected}">'


@pytest.mark.parametrize("address", ["//elsewhere.example/x", "https://elsewhere.example/", "kernels/", "#top"])
def test_other_addresses_stay(address: str) -> None:
    assert relative(f'<a href="{address}">', "layers/") == f'<a href="{address}">'


def test_text_that_quotes_an_address_stays() -> None:
    assert relative("<code>href=&quot;/x&quot;</code>", "a/b/") == "<code>href=&quot;/x&quot;</code>"


def test_a_star_in_the_navigation_is_the_pages_below_in_the_order_of_the_stack() -> None:
    paths = [
        "index.md",
        "layers/silicon.md",
        "layers/kernels.md",
        "layers/index.md",
        "layers/a.yml",
        "examples/kernels/x.ipynb",
    ]
    nav = [{"Home": "index.md"}, {"Layers": ["layers/*"]}, {"Examples": ["examples/*"]}]
    assert expand(nav, paths, {"kernels": 0, "silicon": 1}) == [
        {"Home": "index.md"},
        {"Layers": ["layers/index.md", "layers/kernels.md", "layers/silicon.md"]},
        {"Examples": ["examples/kernels/x.ipynb"]},
    ]


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


def test_the_machine_that_stands_first_is_one_with_records(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    known = sorted({site.machine_key(record) for record in site.records.values()})
    assert [first_machine(site, one) for one in known] == known
    assert first_machine(site) in known
    with pytest.raises(StackdocError, match=f"machine '{known[-1]}x' has no record; did you mean '{known[-1]}'"):
        first_machine(site, f"{known[-1]}x")


def published(site: Site) -> Site:
    """The same in a checkout that has measured nothing."""
    return replace(site, measured_here=frozenset())


def test_a_checkout_that_measured_shows_its_own_machine_first(tmp_path: Path) -> None:
    assert first_machine(two_machines.site(tmp_path)) == HERE
    assert first_machine(published(two_machines.site(tmp_path))) == two_machines.ZEN.id  # two examples against one
    assert first_machine(replace(published(two_machines.site(tmp_path)), records={})) == HERE


@pytest.mark.parametrize("lessened", [{"profile": "quick"}, {"digest": "of an older source"}])
def test_full_records_of_the_present_source_say_whose_figures_stand_first(
    tmp_path: Path, lessened: dict[str, str]
) -> None:
    site = published(two_machines.site(tmp_path))
    poorer = {
        id: replace(one, **lessened) if one.machine == two_machines.ZEN else one for id, one in site.records.items()
    }
    assert first_machine(replace(site, records=poorer)) == two_machines.HOPPER.id


def test_many_records_of_one_example_count_once(tmp_path: Path) -> None:
    points = two_machines.gemm_points(4e13)
    repeated = [
        two_machines.record(f"{n:012x}", "kernels/gemm", two_machines.HOPPER, points, device="cuda") for n in range(5)
    ]
    assert first_machine(published(two_machines.site(tmp_path, *repeated))) == two_machines.ZEN.id


def test_a_page_is_described_by_what_the_data_say_of_its_subject(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    system = System("torch", "Torch", "framework", purpose="Multiplies `matrices`.")
    site = two_machines.changed(site, systems={"torch": system}, system_texts=("torch",))
    assert description_of(site, "layers/kernels.md") == "Tuned operators."
    assert description_of(site, "examples/kernels/gemm.ipynb") == "One product, written two ways."
    assert description_of(site, "systems/torch.md") == "Torch: Multiplies matrices."
    assert description_of(site, "index.md") == ""
