"""Which examples a run measures first."""

from __future__ import annotations

from pathlib import Path

from stackdoc.adapters.registered import priorities as of_project
from stackdoc.plan.project import read_project
from stackdoc.project import Layout
from stackdoc.site.site import Site
from stackdoc.stack.claims.types import Claim, Predicate
from stackdoc.stack.handbook import Handbook
from stackdoc.stack.priorities import priorities
from tests.made.scripts import GOOD, written


def test_claims_come_before_numbers_in_the_text(tmp_path: Path) -> None:
    page = tmp_path / "docs/layers/kernels.md"
    page.parent.mkdir(parents=True)
    page.write_text(
        "It takes {measured}`kernels/shown sum n=300 time`, {measured}`kernels/judged sum time`, `kernels/quoted`.\n"
    )
    predicate = Predicate("kernels/judged", "time", ("sum",), "<", 1.0)
    claims = {
        "tested": Claim("tested", "kernels", "", (), "tested", predicate=predicate),
        "restated": Claim("restated", "kernels", "", (), "restated"),
    }
    site = Site(Layout(tmp_path), {}, {}, data=Handbook(claims=claims))
    assert priorities(site) == {"kernels/judged": 0, "kernels/shown": 1}


def test_a_project_without_a_stack_or_with_faulty_data_has_no_priorities(tmp_path: Path) -> None:
    written(tmp_path, "kernels/good", GOOD)
    assert of_project(read_project(Layout(tmp_path))) == {}
    data = tmp_path / "docs/data/stack.yml"
    data.parent.mkdir(parents=True)
    data.write_text("layers: 5\n")
    assert of_project(read_project(Layout(tmp_path))) == {}
