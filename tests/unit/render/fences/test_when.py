"""Text that follows the figures: in a real small project every outcome stands in the page, one of them in sight."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from markdown import Markdown

from stackdoc.adapters.prechecking import check_pages
from stackdoc.adapters.registered import load_site
from stackdoc.errors import StackdocError
from stackdoc.examples.read import read_examples
from stackdoc.model.machine import Machine
from stackdoc.model.record import Point, Ratio
from stackdoc.project import Layout
from stackdoc.records import ledger, store
from stackdoc.records.identity import with_id
from tests.made import points as made_points
from tests.made import two_machines
from tests.made.project import FILES, make_project

HERE, THERE = "here.cpu", "sapphire-16c-128g-h200-77aa.cpu"
NOISY = [0.5, 0.7, 0.9, 1.1, 1.3, 1.5]
CLAIMS = FILES["docs/data/claims.yml"].replace("[boil]", "[boil, simmer]")
OF_A_CLAIM = """\
```stackdoc
when: it-boils
holds: |
  It **boils**, see [there](there.md): {measured}`pot/boiling gain ratio`.

  A second paragraph.
holds in part: |
  Half of it boils.
does not hold here: |
  It does not boil.
undecided: |
  It may boil.
not measurable here: |
  Nobody lit the fire.
```
"""
OF_POINTS = """\
```stackdoc
when: pot/boiling gain
against: 1.5
above: It pays.
below: It does not pay.
undecided: It may pay.
unmeasured: Nobody tried.
```
"""


def points(boil: Sequence[float], simmer: Sequence[float], share: Sequence[float] = (0.5,) * 6) -> tuple[Point, ...]:
    one, two = made_points.timed(boil, "boil"), made_points.timed(simmer, "simmer")
    return one, two, made_points.valued(share, "share")


def measured(root: Path, made: Sequence[Point], machine: Machine = two_machines.ZEN, gain: bool = True) -> None:
    """A record of the small project's example on that machine; that of the first is of here."""
    example = read_examples(root, [])["pot/boiling"]
    ratios = (Ratio("gain", (), "simmer", "boil"),) if gain else ()
    raw = two_machines.record("", "pot/boiling", machine, tuple(made), digest=example.digest, ratios=ratios)
    record = with_id(raw)
    store.write(Layout(root), record)
    if machine == two_machines.ZEN:
        ledger.enter(Layout(root), [record])


def page(root: Path, text: str) -> str:
    options = {"stackdoc": {"root": str(root), "file": "docs/x.md"}}
    return Markdown(extensions=["fenced_code", "stackdoc"], extension_configs=options).convert(text)


def outcomes(html: str) -> dict[str, tuple[bool, str | None, str]]:
    """Of each outcome whether it is hidden, for which choices it is, and what it says."""
    found = {}
    for attributes, inner in re.findall(r'<div class="sd-when" ([^>]*)>(.*?)</div>', html, re.DOTALL):
        named = dict(re.findall(r'data-(outcome|choice)="([^"]*)"', attributes))
        words = " ".join(re.sub(r"<[^>]+>", "", inner).split())
        found[named["outcome"]] = ("hidden" in attributes, named.get("choice"), words)
    return found


FAST, SLOW = [0.5] * 6, [2.0] * 6


@pytest.mark.parametrize(
    ("here", "outcome"),
    [
        (points(FAST, FAST), "holds"),
        (points(FAST, SLOW), "holds in part"),
        (points(SLOW, SLOW), "does not hold here"),
        (points(NOISY, FAST), "undecided"),
        ((made_points.timed(FAST, "boil"),), "not measurable here"),
    ],
)
def test_the_outcome_of_the_machine_shown_is_in_sight(tmp_path: Path, here: tuple[Point, ...], outcome: str) -> None:
    root = make_project(tmp_path, claims=CLAIMS)
    measured(root, here, gain=len(here) > 1)
    found = outcomes(page(root, OF_A_CLAIM.replace("{measured}`pot/boiling gain ratio`", "so")))
    assert len(found) == 5
    assert [name for name, (hidden, *_) in found.items() if not hidden] == [outcome]
    assert next(iter(found)) == outcome
    assert {choice for _, choice, _ in found.values()} == {None}  # there is nothing to choose


def test_each_machine_that_may_be_chosen_has_its_outcome_and_the_others_have_none(tmp_path: Path) -> None:
    root = make_project(tmp_path, claims=CLAIMS)
    measured(root, points(FAST, FAST))
    measured(root, points(SLOW, SLOW), replace(two_machines.HOPPER, accelerators=()))
    html = page(root, f"One.\n\n{OF_A_CLAIM}\nTwo.")
    found = outcomes(html)
    assert {name: choice for name, (_, choice, _) in found.items()} == {
        "holds": HERE,
        "does not hold here": THERE,
        "holds in part": "",
        "undecided": "",
        "not measurable here": "",
    }
    assert [hidden for hidden, *_ in found.values()] == [False, True, True, True, True]
    assert found["holds"][2].startswith("It boils, see there: 1")
    assert '<p>It <strong>boils</strong>, see <a href="there.md">there</a>: <span' in html
    assert "<p>A second paragraph.</p>" in html
    assert html.count("<div") == html.count("</div>")
    assert html.startswith("<p>One.</p>")
    assert html.endswith("<p>Two.</p>")


@pytest.mark.parametrize(
    ("here", "gain", "outcome"),
    [
        (points(FAST, SLOW), True, "above"),
        (points(FAST, FAST), True, "below"),
        (points(NOISY, NOISY[::-1]), True, "undecided"),
        (points(FAST, SLOW), False, "unmeasured"),
    ],
)
def test_a_comparison_is_decided_as_a_verdict_is(
    tmp_path: Path, here: tuple[Point, ...], gain: bool, outcome: str
) -> None:
    root = make_project(tmp_path)
    measured(root, here, gain=gain)
    if not gain:  # an older source may have had the ratio: the page names what its run left out
        (root / "examples/pot/helper.py").write_text("def boil() -> None: print()\n", "utf-8")
    found = outcomes(page(root, OF_POINTS))
    assert len(found) == 4
    assert [name for name, (hidden, *_) in found.items() if not hidden] == [outcome]


def test_a_record_of_another_machine_never_makes_a_page_fail(tmp_path: Path) -> None:
    """Whoever hands in a record with a time by that name, or with two points, is heard nowhere but on their machine."""
    root = make_project(tmp_path)
    measured(root, points(FAST, SLOW))
    there = replace(two_machines.HOPPER, accelerators=())
    twice = [replace(made_points.valued([float(n)] * 6, "gain"), parameters=(("n", n),)) for n in (1, 2)]
    for odd in ((made_points.timed(FAST, "gain"),), twice):
        measured(root, odd, there, gain=False)
        found = outcomes(page(root, OF_POINTS))
        assert (found["above"][1], found["unmeasured"][1]) == (HERE, THERE)
        for record in store.read_all(Layout(root), []).values():
            if record.machine.id == there.id:
                (root / store.record_path(Layout(root), record)).unlink()


@pytest.mark.parametrize(("against", "outcome"), [("0.4", "above"), ("0.5", "below"), ("0.6", "below")])
def test_a_value_all_launches_agree_on_is_above_what_it_exceeds(tmp_path: Path, against: str, outcome: str) -> None:
    root = make_project(tmp_path)
    measured(root, points(FAST, FAST))
    text = OF_POINTS.replace("boiling gain", "boiling share").replace("1.5", against)
    assert [name for name, (hidden, *_) in outcomes(page(root, text)).items() if not hidden] == [outcome]


def test_it_stands_in_a_list_and_beside_other_fences(tmp_path: Path) -> None:
    root = make_project(tmp_path)
    indented = "\n".join(f"    {line}".rstrip() for line in OF_POINTS.split("\n"))
    html = page(root, f"- one\n\n{indented}\n- two\n\n{OF_POINTS}\n```stackdoc\ncode: pot/boiling\n```\n")
    assert html.count('data-outcome="unmeasured"') == 2
    assert re.search(
        r'<li>\s*<p>one</p>\s*<div class="sd-when" data-outcome="unmeasured">\s*<p>Nobody tried.</p>', html
    )
    assert html.count("sd-code-listing") == 1


FAULTS = {
    "an outcome left out": (OF_A_CLAIM, "undecided: |\n  It may boil.\n", "", 2, "lacks the outcome 'undecided'"),
    "a mistyped outcome": (
        OF_A_CLAIM,
        "undecided",
        "undecide",
        11,
        "unknown key 'undecide'; did you mean 'undecided'?",
    ),
    "one of the other kind": (OF_A_CLAIM, "undecided", "below: So.\nundecided", 11, "unknown outcome 'below'"),
    "an empty outcome": (OF_POINTS, "It pays.", '""', 4, "outcome 'above' is empty"),
    "an unknown claim": (OF_A_CLAIM, "it-boils", "it-boyls", 2, "unknown claim 'it-boyls'; did you mean 'it-boils'?"),
    "an unknown example": (OF_POINTS, "pot/boiling", "pot/boilin", 2, "unknown example 'pot/boilin'; did you mean"),
    "an unknown point": (OF_POINTS, "boiling gain", "boiling gian", 2, "has no point 'gian'; did you mean 'gain'?"),
    "no point": (OF_POINTS, "boiling gain", "boiling", 2, "'pot/boiling' is an example without a point"),
    "a time": (OF_POINTS, "boiling gain", "boiling boil", 2, "'boil' is a time; compare a ratio or a reported value"),
    "a threshold in words": (OF_POINTS, "1.5", "much", 3, "against is 'much'; it must be a whole number or a number"),
    "a heading": (OF_A_CLAIM, "Half of", "# Half of", 7, "contains a heading"),
    "a footnote": (OF_A_CLAIM, "Half of it", "Half[^1]", 7, "contains a footnote"),
    "a role that finds nothing": (OF_A_CLAIM, "gain ratio", "gian ratio", 4, "has no point 'gian'"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_wrong_is_named_with_its_line(name: str, tmp_path: Path) -> None:
    text, before, after, line, message = FAULTS[name]
    root = make_project(tmp_path, claims=CLAIMS)
    measured(root, points(FAST, FAST))
    assert before in text
    (root / "docs/x.md").write_text(text.replace(before, after), "utf-8")
    with pytest.raises(StackdocError) as caught:
        check_pages(load_site(root), root / "docs")
    (problem,) = caught.value.problems
    assert str(problem).startswith(f"docs/x.md:{line}: ")
    assert message in str(problem)


def test_a_claim_without_a_verdict_has_no_outcomes(tmp_path: Path) -> None:
    restated = "- {id: it-boils, layer: pot, text: It boils., sources: [], state: restated, missing: Fire.}\n"
    root = make_project(tmp_path, claims=restated)
    script = root / "examples/pot/boiling.py"
    script.write_text(script.read_text("utf-8").replace('# claims = ["it-boils"]\n', ""), "utf-8")
    with pytest.raises(StackdocError, match=r"x.md:2: claim 'it-boils' has no verdict: its state is restated"):
        page(root, OF_A_CLAIM)


def test_a_claim_of_one_point_never_holds_in_part(tmp_path: Path) -> None:
    root = make_project(tmp_path)
    measured(root, points(FAST, FAST))
    html = page(root, OF_A_CLAIM.replace("holds in part: |\n  Half of it boils.\n", ""))
    assert list(outcomes(html)) == ["holds", "does not hold here", "undecided", "not measurable here"]
