"""What a sceptic rejects, rule by rule: a planted case that is found, and its neighbour that is not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from stackdoc.adapters.cli.main import main
from stackdoc.errors import Problem
from stackdoc.model.record import Prediction
from stackdoc.render.fences.block import read_fence
from stackdoc.site.site import Site
from stackdoc.stack.claims.types import Claim, Predicate
from stackdoc.stack.gaps.gap import Gap
from stackdoc.stack.handbook import handbook
from stackdoc.stack.sceptic import predicates, predictions, sweeps, trust
from stackdoc.stack.sceptic.findings import notes
from stackdoc.stack.sceptic.judged import judged, unjudged
from stackdoc.stack.sceptic.planted import planted
from tests.made import two_machines
from tests.made.project import make_project

HERE = "aaaaaaaaaaaa"
SOURCE = 'ex.predict("plain")\nfor n in sizes:\n    ex.predict("library", n=n)\n'


def said(problems: Iterable[Problem]) -> list[str]:
    return [f"{one.file}:{one.line}: {one.message}" for one in problems]


def changed(root: Path, **changes: Any) -> Site:
    """The made-up site whose record of here is changed; the others are of other machines or examples."""
    site = two_machines.site(root)
    example = replace(site.examples["kernels/gemm"], source=SOURCE)
    own = replace(site.records[HERE], **changes)
    return replace(site, records={**site.records, HERE: own}, examples={**site.examples, example.id: example})


def slower(root: Path, *factors: float) -> Site:
    """Products that take so many times what was predicted."""
    points = tuple(
        two_machines.timed("library", factor * 1e-3, predicted=1e-3, n=at) for at, factor in enumerate(factors)
    )
    return changed(root, points=points, ratios=())


def test_only_full_records_of_the_present_source_on_the_default_machine_are_read(tmp_path: Path) -> None:
    assert [one.record.id for one in judged(two_machines.site(tmp_path))] == [HERE, "cccccccccccc"]
    for change in ({"profile": "quick"}, {"digest": "older"}):
        site = changed(tmp_path, **change)
        assert unjudged(site) == ("kernels/gemm",)
        assert list(notes(site)) == [
            "a sceptic read 1 full record of here",
            "not judged, without a full record of the current source: 1 example: kernels/gemm",
        ]
    there = replace(two_machines.site(tmp_path), default_machine=two_machines.HOPPER.id)
    assert [one.record.id for one in judged(there)] == ["bbbbbbbbbbbb"]


def test_a_measurement_far_above_its_prediction_needs_a_reason(tmp_path: Path) -> None:
    assert said(predictions.findings(slower(tmp_path, 1.45, 1.0))) == []
    site = slower(tmp_path, 1.6, 1.2, 4.0)
    assert said(predictions.findings(site)) == [
        "examples/kernels/gemm.py:3: library: 2 of 3 predicted points at 1.6 to 4 times their prediction (record "
        f"{HERE})"
    ]
    gap = Gap("waits", "kernels/gemm", ("library n=2",), "It waits.", "silicon/roofs gemm n=512")
    one = said(predictions.findings(two_machines.changed(site, gaps={gap.id: gap})))
    assert one == [
        f"examples/kernels/gemm.py:3: library: 1 of 3 predicted points at 1.6 times their prediction (record {HERE})"
    ]
    whole = replace(gap, points=("library",))
    assert said(predictions.findings(two_machines.changed(site, gaps={gap.id: whole}))) == []


def test_a_reason_without_a_gap_is_needless(tmp_path: Path) -> None:
    gap = Gap("waits", "kernels/gemm", ("library n=1",), "It waits.", "silicon/roofs gemm n=512")
    site = two_machines.changed(slower(tmp_path, 1.0, 1.4), gaps={gap.id: gap})
    (found,) = predictions.findings(site)
    assert (found.where, found.hint) == ("waits", "remove it")
    elsewhere = replace(gap, example="silicon/other")
    assert said(predictions.findings(two_machines.changed(site, gaps={gap.id: elsewhere}))) == []


def test_a_prediction_that_is_undercut_bounds_nothing(tmp_path: Path) -> None:
    assert said(predictions.findings(slower(tmp_path, 0.98))) == []
    (found,) = predictions.findings(slower(tmp_path, 0.6))
    assert "library: 1 of 1 predicted point at 0.6 of their prediction, so it is not a bound" in found.message
    assert found.hint == "correct the law or the roof"


ESTIMATES = [
    "",
    "its products, timed alone",
    "2n³ / GEMM roof + a call",
    "bytes / bandwidth + dispatches",
    "that of 100",
]
BOUNDS = [
    "bytes / triad roof",
    "max(FLOP / GEMM roof, bytes / bandwidth)",
    "7 products / GEMM roof + 28 bytes a parameter / bandwidth",
]


def foretold(root: Path, times: float, formula: str) -> list[Problem]:
    """A product at so many times what the formula foretells."""
    point = replace(two_machines.timed("library", times * 1e-3, n=0), prediction=Prediction(1e-3, formula))
    return list(predictions.findings(changed(root, points=(point,), ratios=())))


@pytest.mark.parametrize("formula", BOUNDS)
def test_a_bound_is_undercut_by_what_measurements_differ_at_most(tmp_path: Path, formula: str) -> None:
    assert foretold(tmp_path, 0.98, formula) == []
    (found,) = foretold(tmp_path, 0.96, formula)
    assert "at 0.96 of their prediction, so it is not a bound" in found.message


@pytest.mark.parametrize("formula", ESTIMATES)
def test_an_estimate_may_be_undercut_by_a_fifth(tmp_path: Path, formula: str) -> None:
    assert foretold(tmp_path, 0.82, formula) == []
    (found,) = foretold(tmp_path, 0.78, formula)
    assert "library: 1 of 1 predicted point at 0.78 of their estimate" in found.message
    assert found.hint == "correct what the estimate adds up"


def test_a_reason_may_be_for_another_machine(tmp_path: Path) -> None:
    gap = Gap("waits", "kernels/gemm", ("library n=1",), "It waits.", "silicon/roofs gemm n=512")
    near = slower(tmp_path, 1.0, 1.4)
    slow = tuple(
        two_machines.timed("library", factor * 1e-3, predicted=1e-3, n=at) for at, factor in enumerate((1.0, 1.6))
    )
    there = replace(near.records["bbbbbbbbbbbb"], points=slow, ratios=(), profile="quick")
    for other, needless in ((there, []), (replace(there, digest="older"), ["remove it"])):
        site = replace(near, records={**near.records, other.id: other})
        found = predictions.findings(two_machines.changed(site, gaps={gap.id: gap}))
        assert [one.hint for one in found] == needless


def claim_on(quantity: str, op: str, value: float, **fields: Any) -> Claim:
    possible = fields.pop("possible", None)
    wanted = Predicate("kernels/gemm", quantity, ("library;n=512", "plain;n=256"), op, value, possible)  # type: ignore[arg-type]
    return Claim("c", "kernels", "So.", (), "tested", test="By it.", predicate=wanted, **fields)


BOTH_WAYS = [
    ("time", 1e-9),
    ("time", 3600.0),
    ("device-time", 1e-5),
    ("rate", 8e13),
    ("bandwidth", 1e12),
    ("roof-share", 0.1),
    ("ratio", 1.0),
    ("ratio", 1000.0),
    ("value", 0.0),
    ("value", -3.0),
    ("value", 42.0),
]


@pytest.mark.parametrize("op", ["<", "<=", ">", ">="])
@pytest.mark.parametrize(("quantity", "value"), BOTH_WAYS)
def test_a_predicate_that_can_fail_comes_out_both_ways(quantity: str, value: float, op: str) -> None:
    claim = claim_on(quantity, op, value)
    assert claim.predicate is not None
    answers = planted(claim)
    assert answers == (("holds", "does not hold here") if op in ("<", "<=") else ("does not hold here", "holds"))
    assert predicates.fixed_outcome(claim, claim.predicate) == ""


@pytest.mark.parametrize(
    ("claim", "unit", "message"),
    [
        (
            claim_on("ratio", ">", 0.0),
            "",
            "no outcome could violate it: ratio is between 0 and inf, the threshold is 0",
        ),
        (
            claim_on("time", "<", -1.0),
            "",
            "no outcome could satisfy it: time is between 0 and inf, the threshold is -1",
        ),
        (claim_on("roof-share", "<", 1.5), "", "no outcome could violate it"),
        (claim_on("roof-share", ">=", 1.5), "", "no outcome could satisfy it"),
        (claim_on("value", ">", 1.0), "%", "no outcome could satisfy it: value is between 0 and 1"),
        (claim_on("value", "<=", 1.0), "%", "no outcome could violate it"),
        (
            claim_on("value", ">=", 0.4, possible=(0.5, 2.0)),
            "",
            "no outcome could violate it: value is between 0.5 and 2",
        ),
        (claim_on("memory", "<", 1e6), "", "made-up records below and above its threshold give: undecided; undecided"),
        (
            claim_on("intensity", "<", 5.0),
            "",
            "made-up records below and above its threshold give: undecided; undecided",
        ),
    ],
)
def test_a_predicate_that_nothing_could_violate_or_satisfy_is_found(claim: Claim, unit: str, message: str) -> None:
    assert claim.predicate is not None
    assert predicates.fixed_outcome(claim, claim.predicate, unit).startswith(message)


@pytest.mark.parametrize(
    ("claim", "unit"),
    [
        (claim_on("value", "<=", 0.0), "%"),
        (claim_on("value", ">", 0.0), "%"),
        (claim_on("value", "<", 1.0), "%"),
        (claim_on("value", ">=", 1.0), "%"),
        (claim_on("roof-share", "<", 1.0), ""),
        (claim_on("roof-share", ">=", 1.0), ""),
    ],
)
def test_a_threshold_at_the_end_of_a_share_comes_out_both_ways(claim: Claim, unit: str) -> None:
    assert claim.predicate is not None
    below, above = ("holds", "does not hold here")[:: 1 if claim.predicate.op in ("<", "<=") else -1]
    assert planted(claim, unit) == (below, above)
    assert predicates.fixed_outcome(claim, claim.predicate, unit) == ""


@pytest.mark.parametrize(
    ("claim", "unit", "message"),
    [
        (claim_on("value", "<", 0.0), "%", "no outcome could satisfy it"),
        (claim_on("value", ">=", 0.0), "%", "no outcome could violate it"),
        (claim_on("value", ">", 1.0), "%", "no outcome could satisfy it"),
        (claim_on("value", "<=", 1.0), "%", "no outcome could violate it"),
        (claim_on("roof-share", "<=", 0.0), "", "no outcome could satisfy it"),
        (claim_on("roof-share", ">", 0.0), "", "no outcome could violate it"),
    ],
)
def test_a_threshold_at_the_end_of_a_share_may_leave_one_outcome_only(claim: Claim, unit: str, message: str) -> None:
    assert claim.predicate is not None
    assert planted(claim, unit) is None
    assert predicates.fixed_outcome(claim, claim.predicate, unit).startswith(message)


def test_a_claim_is_named_with_its_place_and_a_device_that_its_example_has(tmp_path: Path) -> None:
    claim = claim_on("ratio", ">", 0.0, devices=("xpu",))
    site = two_machines.changed(two_machines.site(tmp_path), claims={"c": claim})
    assert said(predicates.findings(site)) == [
        "docs/data/claims:0: no outcome could violate it: ratio is between 0 and inf, the threshold is 0",
        "docs/data/claims:0: is about xpu, but kernels/gemm runs on cpu, cuda",
    ]
    fine = replace(claim, devices=("cuda",), predicate=replace(claim.predicate, value=2.0))  # type: ignore[type-var]
    assert said(predicates.findings(two_machines.changed(site, claims={"c": fine}))) == []


def test_every_claim_of_the_handbook_can_come_out_both_ways(handbook_site: Site) -> None:
    claims = [claim for claim in handbook(handbook_site).claims.values() if claim.predicate]
    assert claims
    stuck = {claim.id: predicates.fixed_outcome(claim, claim.predicate) for claim in claims if claim.predicate}
    assert {id: reason for id, reason in stuck.items() if reason} == {}


def test_a_claim_without_its_doubt_is_found_and_too_few_that_are_tested(tmp_path: Path) -> None:
    one = replace(claim_on("ratio", ">", 2.0), doubt="Is it?", answer="It is.")
    many = {f"c{at}": replace(one, id=f"c{at}") for at in range(30)}
    site = two_machines.changed(two_machines.site(tmp_path), claims=many)
    assert said(trust.findings(site)) == []
    few = {**many, "c0": replace(one, id="c0", doubt="", answer="")}
    assert said(trust.findings(two_machines.changed(site, claims=few))) == [
        "docs/data/claims:0: has no doubt and no answer"
    ]
    for change in ({"state": "proxy"}, {"devices": ("cuda",)}):
        other = {**many, "c0": replace(one, id="c0", **change)}
        (found,) = trust.findings(two_machines.changed(site, claims=other))
        assert found.message == "29 of 30 claims are tested on a CPU"


@pytest.mark.parametrize(("number", "found"), [(2, []), (3, ["3 of 10 facts are second-hand: f0, f1, f2"])])
def test_facts_read_second_hand_are_counted(tmp_path: Path, number: int, found: list[str]) -> None:
    site = two_machines.site(tmp_path)
    fact = handbook(site).facts["h100-bf16-dense"]
    notes = ("Second hand, through a survey.", "second-hand", "It is Second  hand: Second hand.")
    facts = {f"f{at}": replace(fact, id=f"f{at}", note=notes[at % 3] if at < number else "") for at in range(10)}
    made = two_machines.changed(site, facts=facts, claims={})
    assert [one.message for one in trust.findings(made)] == found


@pytest.mark.parametrize(
    ("body", "sizes", "message"),
    [
        ("example: kernels/gemm\nfigure: sweep\npoints: library", (128, 256, 512, 1024, 2048), ""),
        ("example: kernels/gemm\nfigure: sweep\npoints: library", (128, 256, 512, 1024), "4 of torch.mm"),
        ("example: kernels/gemm\nfigure: bars\npoints: library", (128, 256), ""),
        (
            "compare:\n  A: kernels/gemm library\n  B: kernels/gemm plain\nfigure: sweep\nx: n",
            (1, 2, 3),
            "3 of A, 2 of B",
        ),
    ],
)
def test_a_line_needs_five_values(tmp_path: Path, body: str, sizes: tuple[int, ...], message: str) -> None:
    library = [two_machines.timed("library", n * 1e-6, n=n) for n in sizes]
    points = (*library, *(two_machines.timed("plain", n * 1e-5, n=n) for n in (128, 256)))
    site = changed(tmp_path, points=points, ratios=())
    found = list(sweeps.findings(site, [read_fence(site, body, "docs/x.md", 11)]))
    expected = [f"draws a line through too few values: {message}"] if message else []
    assert [one.message for one in found] == expected
    assert all(one.file == "docs/x.md" and body.split("\n")[one.line - 11].startswith("figure") for one in found)


def test_the_command_prints_a_line_a_finding_and_fails(tmp_path: Path) -> None:
    root = make_project(tmp_path)
    call = partial(CliRunner().invoke, main)
    plain, asked = (call(["--root", str(root), "check", *more]) for more in ([], ["--sceptic"]))
    assert (plain.exit_code, asked.exit_code) == (0, 1)
    assert asked.stdout.splitlines()[-1].endswith("1 example: pot/boiling")
    assert asked.stderr.splitlines() == [
        "docs/data/claims: 1 of 1 claims are tested on a CPU; test at least 30",
        "docs/data/claims.yml:1: it-boils: has no doubt and no answer; "
        "give the best objection as doubt and the reply as answer",
    ]
    unknown = call(["--root", str(root), "check", "--sceptic", "--machine", "zen9"])
    assert "machine 'zen9' has no record" in unknown.stderr


def test_a_machine_without_the_sceptic_is_a_usage_error(tmp_path: Path) -> None:
    call = partial(CliRunner().invoke, main)
    root = make_project(tmp_path)
    ended = call(["--root", str(root), "check", "--machine", "here"])
    assert ended.exit_code == 2
    assert "--machine needs --sceptic" in ended.stderr
    named = call(["--root", str(root), "check"], env={"STACKDOC_MACHINE": "here"})  # set for the build, as docs say
    assert named.exit_code == 0, named.output


def test_nothing_to_reject_is_no_finding(tmp_path: Path) -> None:
    root = make_project(tmp_path, claims="")
    (root / "examples/pot/boiling.py").write_text(
        (root / "examples/pot/boiling.py").read_text("utf-8").replace('# claims = ["it-boils"]\n', ""), "utf-8"
    )
    result = CliRunner().invoke(main, ["--root", str(root), "check", "--sceptic"])
    assert result.exit_code == 0, result.output
