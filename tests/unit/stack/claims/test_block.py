"""What a page shows of a claim: its state, its texts with their roles, its doubt, and the verdict in words."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from stackdoc.adapters.prechecking import check_pages
from stackdoc.adapters.registered import load_site
from stackdoc.errors import StackdocError
from stackdoc.render.fences.passage import passage, plain
from stackdoc.render.fences.roles import role
from stackdoc.render.values.points import Location
from stackdoc.render.values.record_view import views
from stackdoc.site.site import Site
from stackdoc.stack import indexes
from stackdoc.stack.claims.block import claim_block, claims_table, verdicts_of_record
from stackdoc.stack.claims.types import Claim
from stackdoc.stack.handbook import handbook
from tests.made import two_machines
from tests.made.project import FILES, make_project

PLACE = Location("docs/data/claims/kernels.yml", 7)


def words(html: object) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", str(html)).replace("\u00a0", " ").split())


def made(tmp_path: Path, **changes: Any) -> tuple[Site, Claim]:
    """The site with its tested claim changed."""
    site = two_machines.site(tmp_path)
    known = handbook(site).claims
    claim = replace(known["libraries-beat-plain-code"], **changes)
    return two_machines.changed(site, claims={**known, claim.id: claim}), claim


def test_a_text_of_data_is_marked_down_with_its_roles_and_stays_escaped(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    said = (
        "At **least** {fact}`h100-bf16-dense`, *not* `a < b`, [there](/facts/) [here](javascript:x) <b>bold</b> * 2 *"
    )
    html = str(passage(site, said, PLACE))
    assert html.startswith('At <strong>least</strong> <a class="sd-cited"')
    assert '<em>not</em> <code>a &lt; b</code>, <a href="/facts/">there</a> here &lt;b&gt;bold&lt;/b&gt; * 2 *' in html
    assert plain(said) == "At least h100-bf16-dense, not a < b, there here <b>bold</b> * 2 *"


def test_a_text_of_many_marks_is_read_at_once(tmp_path: Path) -> None:
    site, began = two_machines.site(tmp_path), time.monotonic()
    for said in ("`" * 3000, "`" * 3000 + "a", "``a`" * 500, "*" * 3000):
        assert passage(site, said, PLACE)
    assert time.monotonic() - began < 2


def test_what_a_role_in_data_does_not_find_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(StackdocError, match=r"kernels.yml:7: unknown fact 'h100-bf16'; did you mean 'h100-bf16-dense'"):
        passage(two_machines.site(tmp_path), "{fact}`h100-bf16`", PLACE)


def test_a_tested_claim_shows_its_test_its_verdict_and_its_doubt(tmp_path: Path) -> None:
    site, claim = made(tmp_path, test="By a **ratio**.\n\nTwice.", doubt="Loops in C?", answer="See the other one.")
    html = str(claim_block(site, claim))
    assert 'data-state="tested" data-verdict="holds"' in html
    assert "Tested here : holds" in words(html)
    assert "How it is tested. By a ratio . Twice." in words(html)
    assert "<details" in html
    assert words(html).endswith("What a sceptic says Doubt. Loops in C? Answer. See the other one.")


@pytest.mark.parametrize(
    ("state", "said"), [("tested", "does not hold here"), ("proxy", "this proxy does not show it")]
)
def test_a_proxy_that_fails_refutes_nothing(tmp_path: Path, state: str, said: str) -> None:
    known = handbook(two_machines.site(tmp_path)).claims["libraries-beat-plain-code"].predicate
    assert known is not None
    site, claim = made(tmp_path, state=state, shows="Little.", predicate=replace(known, op="<"))
    html = str(claim_block(site, claim))
    assert 'data-verdict="does not hold here"' in html
    assert f'sd-verdict--does-not-hold-here">{said}<' in html
    assert said in role(site, "verdict", claim.id, "docs/x.md", 1)
    assert said in str(claims_table(site, [claim]))


def test_arithmetic_and_what_is_restated_have_no_verdict_but_their_reason(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    added = Claim("sum", "silicon", "It adds up.", (), "arithmetic", sum="{fact}`h100-bf16-dense` and more.")
    html = str(claim_block(site, added))
    assert "sd-verdict" not in html
    assert "Follows from arithmetic" in html
    assert "The sum. 989 TFLOP/s and more." in words(html)
    restated = str(claim_block(site, handbook(site).claims["dear"]))
    assert "Restated, not tested What would test it. needs a meter" in words(restated)


def test_a_claim_about_an_accelerator_is_judged_on_one_only(tmp_path: Path) -> None:
    known = handbook(two_machines.site(tmp_path)).claims["libraries-beat-plain-code"].predicate
    assert known is not None
    cuda = replace(known, quantity="time", points=("plain;n=256",), op="<", value=10.0)
    site, claim = made(tmp_path, predicate=cuda, devices=("cuda",))
    html = str(claim_block(site, claim))
    assert 'data-verdict="not measurable here"' in html
    assert "it is about cuda" in words(html)
    assert "NVIDIA H200" in words(html)
    assert "AMD EPYC 9B14" not in words(html)
    assert str(html).count("sd-verdict--holds") == 2  # of the other choice, and in its row


def test_a_label_is_not_mistaken_for_a_part_of_the_reason(tmp_path: Path) -> None:
    site, claim = made(tmp_path)
    assert claim.predicate is not None
    predicate = replace(claim.predicate, quantity="time", points=("library;n=512", "plain;n=256"), op="<", value=0.1)
    points = (
        replace(two_machines.timed("library", 1e-3, n=512), label="one only: two"),
        two_machines.timed("plain", 1.0, n=256),
    )
    record = replace(site.records["aaaaaaaaaaaa"], points=points, ratios=())
    html = claim_block(replace(site, records={record.id: record}), replace(claim, predicate=predicate))
    assert "for one only: two (n = 512) only" in words(html)


def test_the_page_of_claims_counts_them_by_state_and_verdict(tmp_path: Path) -> None:
    site, _ = made(tmp_path)
    page = next(one for one in indexes.pages(site) if one.path == "claims.md")
    assert "2 claims. State Claims Verdicts on the selected machine Tested here 1 holds: 1" in words(page.text)
    assert "Tested by proxy 0 no verdict Follows from arithmetic 0 no verdict Restated, not tested 1" in words(
        page.text
    )


def test_the_page_of_a_record_has_no_claim_about_another_device(tmp_path: Path) -> None:
    site, _ = made(tmp_path, devices=("cuda",))
    shown = {one.record.device: verdicts_of_record(site, one) for one in views(site, "kernels/gemm")}
    assert shown["cpu"] is None
    assert "A tuned library beats plain loops." in str(shown["cuda"])


def test_a_check_names_what_a_role_in_a_claim_does_not_find(tmp_path: Path) -> None:
    claims = FILES["docs/data/claims.yml"].replace("Judged by a second.", "Below {fact}`boiling-pint`.")
    site = load_site(make_project(tmp_path, claims=claims))
    with pytest.raises(StackdocError) as caught:
        check_pages(site, tmp_path / "docs")
    assert [str(problem) for problem in caught.value.problems] == [
        "docs/data/claims.yml:5: unknown fact 'boiling-pint'; did you mean 'boiling-point'?"
    ]
