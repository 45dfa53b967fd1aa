"""What is learnt of a record after it was made is read strictly, and said wherever the record is shown or cited."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stackdoc.errors import Problem
from stackdoc.model.provenance import Remark
from stackdoc.project import Layout
from stackdoc.records.remarks import read_remarks
from stackdoc.render.fences.block import fence
from stackdoc.render.pages import record as record_page
from stackdoc.site.site import Site
from stackdoc.verification.verify import verify
from tests.made import two_machines

ID, POINT = "aaaaaaaaaaaa", "library;n=512"
SAID = "It timed the copy, and not the product <b>."


def read(root: Path, entry: str) -> tuple[tuple[Remark, ...], list[str]]:
    (root / "docs/data").mkdir(parents=True, exist_ok=True)
    (root / "docs/data/remarks.yml").write_text(f"- {{{entry}}}\n", "utf-8")
    problems: list[Problem] = []
    found = read_remarks(Layout(root), problems, two_machines.site(root).records)
    return found, [str(problem) for problem in problems]


def test_a_remark_is_read(tmp_path: Path) -> None:
    found, problems = read(tmp_path, f'records: ["{ID}"], date: "2026-11-30", points: [library], text: Another thing.')
    assert problems == []
    assert found == (Remark((ID,), "2026-11-30", "Another thing.", ("library",)),)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('records: ["aaaaaaaaaaab"], date: "2026-11-30", text: A.', "unknown record 'aaaaaaaaaaab'; did you mean"),
        ('records: [], date: "2026-11-30", text: A.', "records: is empty"),
        (f'records: ["{ID}"], date: "2026-11-31", text: A.', "'2026-11-31' is not a date"),
        (f'records: ["{ID}"], date: "2026-11-30", points: [libary], text: A.', "did you mean 'library'?"),
        (f'records: ["{ID}"], date: "2026-11-30"', "lacks 'text'"),
    ],
)
def test_a_remark_in_which_anything_is_wrong_is_refused(tmp_path: Path, entry: str, said: str) -> None:
    assert any(said in problem and "remarks.yml:1" in problem for problem in read(tmp_path, entry)[1])


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return replace(two_machines.site(tmp_path), remarks=(Remark((ID,), "2026-11-30", SAID, ("library",)),))


def test_the_page_of_the_record_says_it_of_its_points(site: Site) -> None:
    html = next(iter(record_page.pages(site, site.records[ID]))).text
    assert "Remarks" in html
    assert "It timed the copy, and not the product &lt;b&gt;." in html
    assert f'href="#{POINT}"' in html
    other = next(iter(record_page.pages(site, site.records["cccccccccccc"]))).text
    assert "Remarks" not in other


def test_its_figures_on_any_page_lead_to_the_remark(site: Site) -> None:
    assert f'href="/r/{ID}/#remarks"' in fence(site, "example: kernels/gemm", "docs/a.md", 1)
    without = fence(replace(site, remarks=()), "example: kernels/gemm", "docs/a.md", 1)
    assert "#remarks" not in without


def test_verify_says_it_of_the_points_concerned(site: Site) -> None:
    (said,) = verify(site, f"See /r/{ID}/#{POINT}", "a.md")
    assert said.notes[-1] == f"remark of 2026-11-30: {SAID}"
    (whole,) = verify(site, f"record {ID}", "a.md")
    assert whole.notes[-1].startswith("remark of")
    (other,) = verify(site, f"See /r/{ID}/#plain;n=256", "a.md")
    assert not other.notes[-1].startswith("remark of")
