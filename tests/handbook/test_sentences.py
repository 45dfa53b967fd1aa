"""Sentences that were wrong do not come back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.made.repository import ROOT
from tests.made.yaml_data import yaml_of

DOCS = ROOT / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md") if path.relative_to(DOCS).parts[0] not in {"project", "records"})

WRONG = (
    # Where PyTorch has no kernel for a format, a scalar loop is slow; converting is not.
    r"each number is converted on its way",
    r"its rate is that of a conversion",
    r"and which it converts",
    r"is what real kernels leave of the roofs",
    # The baseline was an allocator forced to hand memory back.
    r"gains \{measured\}`runtime/fusion fusion ratio`",
    # The masked half of attention is computed and not counted.
    r"has a cause in the rates",
    r"arithmetic of a kind that a processor is slower at",
    # The limit is the matrix-vector kernel and not the cache.
    r"a step where the matrix leaves the cache",
    r"trade-off is one only up to a point",
    # In a tree a leaf sends the array once.
    r"[Ii]n a ring or a tree [^.]*every device must send",
    r"sends 2 S \(n − 1\) / n from each",
    r"as data-parallel frameworks do it",
    # A common prompt is kept once and read once.
    r"no number of users pays",
    r"departs further and further",
    r"the measured knee",
    # A kernel bound by memory keeps more of its rate than the clock.
    r"R_\{\\text\{sustained\}\} \\le R_\{\\text\{first\}\} \\cdot",
    r"no PTX in between",
    r"PTX for an architecture runs on that one and on later ones",
    r"usual way is PPO",
    r"worth the least of the three",
    r"give the tiles most of the credit",
    # A server of a language model batches.
    r"Find the load on the curve above",
    r"`industry-pue-2023` on average",
)

RIGHT = {
    "layers/fabric.md": r"In a tree the shares differ: a leaf sends the array once",
    "layers/economics.md": r"a kernel for cascade attention reads them once for the whole batch",
    "layers/site.md": r"\\le R_\{\\text\{sustained\}\} \\le R_\{\\text\{first\}\}",
    "layers/alignment.md": r"Where a program can judge the answer[^.]*the reward is verifiable",
    "layers/security.md": r"`\.pt2` file can run code",
    "systems/rocm.md": r"`amdgcnspirv`",
    "systems/cuda.md": r"`compute_90a` or `compute_100a` runs on this compute capability alone",
    "systems/rlhf.md": r"needs no critic",
}


def rows(name: str) -> list[dict[str, object]]:
    """The rows of a list: of its file, or of all files in its folder."""
    whole = DOCS / f"data/{name}.yml"
    files = [whole] if whole.is_file() else sorted((DOCS / f"data/{name}").glob("*.yml"))
    return [row for file in files for row in yaml_of(file)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_a_wrong_statement_stays_away(page: Path) -> None:
    text = " ".join(page.read_text("utf-8").split())
    assert [wrong for wrong in WRONG if re.search(wrong, text)] == []


@pytest.mark.parametrize("page", RIGHT)
def test_the_right_statement_replaced_the_wrong_one(page: str) -> None:
    assert re.search(RIGHT[page], " ".join((DOCS / page).read_text("utf-8").split()))


def test_facts_are_those_of_their_sources() -> None:
    facts = {fact["id"]: fact for fact in rows("facts")}
    assert facts["industry-pue-2025"]["value"] == "1.54"
    assert str(facts["h100-critical-batch"]["url"]).endswith("/roofline/")
    assert facts["ddp-bucket"]["value"] == "25"
    assert "CVE-2026-4538" in str(facts["pt2-loading-2026"]["conditions"])
