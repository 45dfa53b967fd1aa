"""The cards show what each machine found, and first what a claim decides most clearly."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from stackdoc.render.values.machine_switch import choices
from stackdoc.site.site import Site
from stackdoc.stack.claims.tally import tally_sentence
from stackdoc.stack.handbook import handbook
from stackdoc.stack.layers import tower
from stackdoc.stack.results import cards
from stackdoc.stack.results.choose import telling
from stackdoc.stack.results.result import LayerResult
from tests.made import two_machines

SAYS = {
    "holds": "Yes, it wins.",
    "holds in part": "Here and there.",
    "does not hold here": "No, it loses.",
    "undecided": "Open.",
    "not measurable here": "Not tried.",
}
KERNELS = LayerResult(
    "kernels",
    "What does a library gain?",
    "{measured}`kernels/gemm speed-up n=256 ratio`",
    "as fast as loops",
    SAYS,
    "one-product",
    claim="libraries-beat-plain-code",
)
SILICON = LayerResult(
    "silicon", "How fast is memory?", "{given}`31 GB/s`", "by triad", {"always": "As sold."}, "memory"
)


def site(root: Path, *results: LayerResult) -> Site:
    return two_machines.changed(
        two_machines.site(root), results={result.id: result for result in results or (SILICON, KERNELS)}
    )


def words(html: object) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", str(html)).replace("\u00a0", " ").split())


def test_a_card_has_question_number_sentence_verdict_and_link(tmp_path: Path) -> None:
    html = str(cards.cards(site(tmp_path, KERNELS), 6))
    assert 'href="/layers/kernels/#one-product"' in html
    assert "What does a library gain?" in html
    assert re.search(r'class="sd-value"[^>]*data-record="aaaaaaaaaaaa"', html)
    assert re.search(r'<a [^>]*href="/claims/#claim-libraries-beat-plain-code"[^>]*>.*?holds', html)
    assert "Yes, it wins." in words(html)


def test_the_sentence_follows_the_machine(tmp_path: Path) -> None:
    made = site(tmp_path, KERNELS)
    claim = handbook(made).claims["libraries-beat-plain-code"]
    assert claim.predicate
    here, there = choices(made)
    no_loops = replace(made, records={id: one for id, one in made.records.items() if id != "bbbbbbbbbbbb"})
    assert [choice.key for choice in choices(no_loops)] == [here.key]
    found = str(cards.cards(made, 6))
    assert "No, it loses." not in found
    refuted = replace(claim, predicate=replace(claim.predicate, value=1000.0))
    found = str(cards.cards(two_machines.changed(made, claims={claim.id: refuted}), 6))
    assert re.search(rf'data-choice="[^"]*{re.escape(there.key)}', found)
    assert "No, it loses." in words(found)
    assert "Yes, it wins." not in words(found)


def test_a_decided_result_comes_before_one_that_nothing_judges(tmp_path: Path) -> None:
    made = site(tmp_path)
    assert [result.id for result in telling(made, 6)] == ["kernels", "silicon"]
    assert [result.id for result in telling(made, 1)] == ["kernels"]
    claim = handbook(made).claims["libraries-beat-plain-code"]
    assert claim.predicate
    level = replace(claim, predicate=replace(claim.predicate, value=100.0))
    undecided = two_machines.changed(made, claims={claim.id: level})
    assert [result.id for result in telling(undecided, 6)] == ["silicon", "kernels"]


def test_a_test_comes_before_a_proxy_and_a_clear_one_before_a_narrow_one(tmp_path: Path) -> None:
    made = site(tmp_path)
    claim = handbook(made).claims["libraries-beat-plain-code"]
    assert claim.predicate
    narrow = replace(claim, id="narrow", predicate=replace(claim.predicate, value=80.0))
    proxy = replace(claim, id="proxy", state="proxy")
    results = {
        id: replace(KERNELS, id=id, claim=of)
        for id, of in (("silicon", "narrow"), ("kernels", claim.id), ("extra", "proxy"))
    }
    claims = {one.id: one for one in (claim, narrow, proxy)}
    found = two_machines.changed(made, claims=claims, results=results)
    assert [result.id for result in telling(found, 3)] == ["kernels", "silicon", "extra"]


def test_the_tower_shows_the_number_beside_the_layer(tmp_path: Path) -> None:
    html = str(tower.tower(site(tmp_path)))
    assert "as fast as loops" in words(html)
    assert not re.search(r"<a [^>]*>(?:(?!</a>).)*<a ", html), "a link is inside a link"


def test_a_fault_in_a_role_names_the_layer_s_result(tmp_path: Path) -> None:
    wrong = replace(KERNELS, number="{measured}`kernels/gem speed-up n=256 ratio`")
    (problem,) = cards.problems(site(tmp_path, wrong))
    assert "unknown example 'kernels/gem'" in str(problem)


def test_the_tally_counts_the_verdicts_of_each_machine(tmp_path: Path) -> None:
    made = site(tmp_path)
    here, _ = choices(made)
    found = words(tally_sentence(made))
    assert "2 experiments that you can run again, measured on 2 machines" in found
    assert "Of 1 published claim that they test, 1 holds" in found
    assert f"on {here.label}" in found
    empty = words(tally_sentence(replace(made, records={})))
    assert "1 is not measured" in empty
