"""The results of the layers are read strictly: an outcome without a sentence stops the build."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackdoc.adapters.registered import load_site
from stackdoc.stack.handbook import handbook
from tests.made.project import make_project, problems_of

RESULT = """\
- id: pot
  question: Does it boil?
  number: "{given}`a minute`"
  of: until it boils
  claim: it-boils
  section: how-long
  says:
    holds: It does.
    does not hold here: It does not.
    undecided: Perhaps.
    not measurable here: Nobody looked.
"""


def write(root: Path, text: str) -> Path:
    make_project(root)
    (root / "docs/data/results.yml").write_text(text, "utf-8")
    return root


def test_a_result_is_read_with_its_sentences(tmp_path: Path) -> None:
    result = handbook(load_site(write(tmp_path, RESULT))).results["pot"]
    assert result.says["undecided"] == "Perhaps."
    assert result.address == "/layers/pot/#how-long"


@pytest.mark.parametrize(
    ("before", "after", "line", "words"),
    [
        ("    undecided: Perhaps.\n", "", 7, "lacks the outcome 'undecided'"),
        ("    undecided:", "    undecidd:", 10, "unknown outcome 'undecidd'; did you mean 'undecided'"),
        ("claim: it-boils", "claim: it-boil", 5, "unknown claim 'it-boil'; did you mean 'it-boils'"),
        ("  claim: it-boils\n", "", 6, "lacks the outcome 'always'"),
        ("id: pot", "id: pott", 1, "unknown layer 'pott'; did you mean 'pot'"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, before: str, after: str, line: int, words: str) -> None:
    found = [str(problem) for problem in problems_of(write(tmp_path, RESULT.replace(before, after)))]
    assert any(words in text and f"docs/data/results.yml:{line}" in text for text in found), found


def test_a_point_that_can_hold_in_part_needs_that_sentence(tmp_path: Path) -> None:
    root = write(tmp_path, RESULT)
    claims = root / "docs/data/claims.yml"
    claims.write_text(claims.read_text("utf-8").replace("[boil]", "[boil, simmer]"), "utf-8")
    assert any("lacks the outcome 'holds in part'" in str(problem) for problem in problems_of(root))
