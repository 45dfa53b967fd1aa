"""Why a measurement lies far above its prediction: read strictly, and said beside the figures that need it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from stackdoc.adapters.registered import load_site
from stackdoc.errors import StackdocError
from stackdoc.render.fences.block import fence
from stackdoc.render.pages.example import head
from stackdoc.render.pages.record import pages as record_pages
from stackdoc.site.site import Site
from stackdoc.stack.gaps.gap import Gap, ratios_to_prediction, wide_gaps
from stackdoc.stack.gaps.reasons import problems
from tests.made import two_machines
from tests.made.project import make_project, problems_of

CAUSE = "The kernel *waits*: {measured}`silicon/roofs triad bytes=100000000 time`."
GAP = Gap("waiting", "kernels/gemm", ("library n=512", "plain"), CAUSE, "silicon/roofs gemm n=512")


def site(root: Path, gap: Gap = GAP, slower: float = 4.0) -> Site:
    """The example's record here, with the product of 512 at `slower` times its time, of which 0.8 is predicted."""
    made = two_machines.site(root)
    own = made.records["aaaaaaaaaaaa"]
    moved = tuple(
        two_machines.timed(
            "library", slower * 2.0 * 512**3 / 80e9, two_machines.product(512), 1.6 * 512**3 / 80e9, n=512
        )
        if point.key == "library;n=512"
        else point
        for point in own.points
    )
    records = {**made.records, own.id: replace(own, points=moved)}
    return two_machines.changed(made, records=records, gaps={gap.id: gap})


def words(html: object) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", str(html)).replace("\u00a0", " ").split())


def test_the_measured_time_is_held_against_what_was_said_before(tmp_path: Path) -> None:
    record = site(tmp_path).records["aaaaaaaaaaaa"]
    assert ratios_to_prediction(record) == pytest.approx(
        {"library;n=128": 1.25, "library;n=256": 1.25, "library;n=512": 5.0, "library;n=1024": 1.25}, rel=0.01
    )
    assert list(wide_gaps(record)) == ["library;n=512"]


@pytest.mark.parametrize("where", ["the example's page", "a fence", "the record's page"])
def test_the_reason_stands_beside_the_figure_that_needs_it(tmp_path: Path, where: str) -> None:
    made = site(tmp_path)
    html = {
        "the example's page": lambda: head(made, "kernels/gemm"),
        "a fence": lambda: fence(made, "example: kernels/gemm", "docs/x.md", 1),
        "the record's page": lambda: next(iter(record_pages(made, made.records["aaaaaaaaaaaa"]))).text,
    }[where]()
    assert "torch.mm, n = 512: 5 times its prediction. The kernel waits : 3" in words(html)
    assert '<em>waits</em>: <span class="sd-missing"' not in html
    assert 'Shown by <a href="/examples/silicon/roofs/">silicon/roofs, gemm n=512</a>.' in html
    assert html.count("times its prediction") == 1


def test_where_there_is_no_gap_nothing_is_said(tmp_path: Path) -> None:
    assert "times its prediction" not in head(site(tmp_path, slower=1.1), "kernels/gemm")
    other = replace(GAP, points=("library n=256",))
    assert "times its prediction" not in head(site(tmp_path, other), "kernels/gemm")


GAPS = """\
- id: slow-boiling
  example: pot/boilin
  points: []
  cause: It waits.
  shown_by: pot/boiling
- id: slower
  example: pot/boiling
  points: [boil]
  cause: ""
  shown_by: pot/bowling boil
"""


def test_what_is_wrong_with_a_gap_is_named_with_its_line(tmp_path: Path) -> None:
    root = make_project(tmp_path)
    (root / "docs/data/gaps").mkdir()
    (root / "docs/data/gaps/pot.yml").write_text(GAPS, "utf-8")
    file = "docs/data/gaps/pot.yml"
    assert [str(problem) for problem in problems_of(root)] == [
        f"{file}:2: [0].example: unknown example 'pot/boilin'; did you mean 'pot/boiling'?",
        f"{file}:3: [0].points: is empty; name the points whose time needs a reason",
        f"{file}:5: [0].shown_by: 'pot/boiling' does not name a point; "
        "write EXAMPLE POINT k=v: the experiment that shows the cause",
        f"{file}:9: [1].cause: is empty",
        f"{file}:10: [1].shown_by: unknown example 'pot/bowling'; did you mean 'pot/boiling'?",
    ]


def test_points_and_roles_that_no_record_has_are_named(tmp_path: Path) -> None:
    wrong = replace(GAP, points=("librery n=512",), cause="{fact}`h100`", shown_by="silicon/roofs gem")
    said = [str(problem) for problem in problems(site(tmp_path, wrong))]
    assert [one.partition(": ")[2] for one in said] == [
        "example 'kernels/gemm' has no point 'librery'; did you mean 'library'?",
        "example 'silicon/roofs' has no point 'gem'; did you mean 'gemm'?",
        "unknown fact 'h100'; known: h100-bf16-dense",
    ]
    with pytest.raises(StackdocError, match="has no point 'librery'"):
        head(site(tmp_path, wrong), "kernels/gemm")


def test_a_project_may_have_gaps_in_a_file_or_a_folder(tmp_path: Path) -> None:
    root = make_project(tmp_path)
    right = "- {id: slow, example: pot/boiling, points: [boil], cause: It waits., shown_by: pot/boiling boil}\n"
    (root / "docs/data/gaps.yml").write_text(right, "utf-8")
    assert list(load_site(root).data.gaps) == ["slow"]  # type: ignore[attr-defined]
