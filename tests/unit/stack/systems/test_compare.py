"""Alternatives for one job: points of several examples in one figure and table, and the pages that hold them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from stackdoc.errors import Problem, StackdocError
from stackdoc.project import Layout
from stackdoc.render.fences.block import fence
from stackdoc.render.html.page import Assets
from stackdoc.site.site import Site
from stackdoc.stack.systems import compare as alternatives_page
from stackdoc.stack.systems.alternatives import Alternatives
from stackdoc.stack.systems.read_alternatives import read_alternatives, read_texts
from tests.made import two_machines
from tests.made.points import valued

TWICE = """\
compare:
  Here: kernels/gemm library n=512
  There: kernels/other library n=512
quantity: time
"""


def site(root: Path, seconds: float = 2.0, device: str = "cpu") -> Site:
    """An example besides `kernels/gemm` that does its job in an environment of its own, so many times as slow."""
    other = two_machines.record(
        "dddddddddddd",
        "kernels/other",
        two_machines.ZEN,
        two_machines.gemm_points(80e9 / seconds),
        device=device,
        threads=2,
    )
    made = two_machines.site(root, other)
    example = two_machines.example("kernels/other", title="Another", environment="low")
    return replace(made, examples={**made.examples, example.id: example})


def table(html: str) -> list[list[str]]:
    """The first table's rows as texts."""
    body = html.partition("<tbody>")[2].partition("</tbody>")[0]
    cells = (re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row) for row in body.split("</tr>") if row)
    return [[re.sub("<.*?>", "", cell) for cell in row] for row in cells]


def test_each_row_has_its_figure_its_ratio_to_the_first_its_environment_and_its_record(tmp_path: Path) -> None:
    html = fence(site(tmp_path), TWICE, "docs/alternatives/a.md", 1)
    here, there = table(html)
    assert (here[0], there[0]) == ("Here", "There")
    assert here[3:] == ["–", "–", "the handbook’s own", "aaaaaaaaaaaa"]
    assert there[3].startswith("2")
    assert there[4:] == ["slower", "low", "dddddddddddd"]
    assert 'data-record="dddddddddddd"' in html
    assert "1 thread and 2 threads" in html
    assert 'href="/environments/#low"' in html


def test_what_the_interval_leaves_open_is_called_ambiguous(tmp_path: Path) -> None:
    assert table(fence(site(tmp_path, 1.06), TWICE, "docs/a.md", 1))[1][4] == "ambiguous"
    assert table(fence(site(tmp_path, 1.0), TWICE, "docs/a.md", 1))[1][4] == "no difference we can measure"


def test_a_machine_without_one_of_them_says_so(tmp_path: Path) -> None:
    html = fence(site(tmp_path, device="cuda"), TWICE, "docs/a.md", 1)
    assert "There: not measured here: no record of this machine." in html
    assert fence(two_machines.site(tmp_path, records={}), TWICE.replace("other", "gemm"), "docs/a.md", 1) == (
        '<p class="sd-missing">Not measured yet. Run <code>stackdoc measure --profile full kernels/gemm</code>.</p>'
    )


def test_values_agree_within_a_share_or_the_page_says_by_how_much_not(tmp_path: Path) -> None:
    made = site(tmp_path)
    for id, value in (("aaaaaaaaaaaa", 100.0), ("dddddddddddd", 101.0)):
        record = made.records[id]
        made = replace(made, records={**made.records, id: replace(record, points=(valued([value] * 9, "found"),))})
    body = "compare:\n  Here: kernels/gemm found\n  There: kernels/other found\nagree: {0}\n"
    assert "All 2 agree: they differ by 0.0099 of the largest" in fence(made, body.format(0.02), "docs/a.md", 1)
    assert "They do not agree: they differ by 0.0099 of the largest" in fence(made, body.format(0.001), "docs/a.md", 1)


def test_a_figure_has_a_mark_for_each_and_a_sweep_a_line_for_each(tmp_path: Path) -> None:
    made, assets = site(tmp_path), Assets()
    html = fence(made, TWICE + "figure: timing\ncaption: Both.\n", "docs/a.md", 1, assets)
    assert "Both." in html
    drawn = [one.content.decode() for path, one in assets.by_path.items() if path.endswith(".csv")]
    both, one_alone = sorted(drawn, key=len, reverse=True)  # the other machine has a record of the first alone
    assert [line.split(",")[1] for line in both.splitlines()[1:]] == ["Here", "There"]
    assert [line.split(",")[1] for line in one_alone.splitlines()[1:]] == ["Here"]
    assets = Assets()
    sweep = TWICE.replace(" n=512", "") + "figure: sweep\nx: n\n"
    fence(made, sweep, "docs/a.md", 1, assets)
    data = max((one.content.decode() for path, one in assets.by_path.items() if path.endswith(".csv")), key=len)
    assert len(data.splitlines()) == 9  # four sizes each
    assert "There, n\xa0=\xa01024" in data


@pytest.mark.parametrize(
    ("body", "line", "said"),
    [
        ("compare: kernels/gemm", 3, "needs two points or more"),
        ("compare:\n  A: kernels/gemm library\n  B: kernels/gem library", 3, "did you mean 'kernels/gemm'?"),
        ("compare:\n  A: kernels/gemm library\n  B: kernels/gemm libary", 3, "did you mean 'library'?"),
        (f"{TWICE}figure: roofline", 7, "unknown figure 'roofline'"),
        (f"{TWICE}agree: yes please", 7, "it must be a number or a whole number"),
        (f"{TWICE}figure: sweep", 3, "a sweep needs x"),
        (TWICE.replace("quantity: time", "quantity: tme"), 6, "did you mean 'time'?"),
    ],
)
def test_what_is_unknown_is_told_with_its_line(tmp_path: Path, body: str, line: int, said: str) -> None:
    with pytest.raises(StackdocError) as caught:
        fence(site(tmp_path), body, "docs/a.md", 3)
    message = str(caught.value)
    assert message.startswith(f"docs/a.md:{line}: ")
    assert said in message


def test_the_index_says_what_is_compared_where(tmp_path: Path) -> None:
    made = two_machines.changed(site(tmp_path), alternatives={"a": Alternatives("a", "Products", ("cublas", "gone"))})
    page = alternatives_page.page(made)
    assert page.path == "alternatives/index.md"
    assert '<a href="/alternatives/a/">Products</a>' in page.text
    assert '<a href="/systems/#cublas">cuBLAS</a>' in page.text


def test_texts_and_comparisons_name_known_systems(tmp_path: Path) -> None:
    for place, text in {
        "systems/fais.md": "# FAISS\n",
        "alternatives/search.md": "---\nreviewed: 2026-11-27\nsystems: [faiss, qdrnt]\n---\n# Vector search\n",
        "alternatives/alone.md": "---\nsystems: [faiss]\n---\nNo title.\n",
    }.items():
        (tmp_path / "docs" / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "docs" / place).write_text(text, "utf-8")
    problems: list[Problem] = []
    known = {"faiss", "qdrant"}
    assert read_texts(Layout(tmp_path), problems, known) == {"fais"}
    found = read_alternatives(Layout(tmp_path), problems, known)
    assert found["search"] == Alternatives("search", "Vector search", ("faiss", "qdrnt"))
    assert [str(one) for one in sorted(problems)] == [
        "docs/alternatives/alone.md:1: has no title; write `# Vector search` above the text",
        "docs/alternatives/alone.md:1: systems: names fewer than two systems; write systems: [faiss, qdrant]",
        "docs/alternatives/search.md:3: systems[1]: unknown system 'qdrnt'; did you mean 'qdrant'?",
        "docs/systems/fais.md: is the page of an unknown system 'fais'; did you mean 'faiss'?",
    ]
