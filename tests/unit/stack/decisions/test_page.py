"""The decisions of the layer pages, gathered with addresses that stay."""

from __future__ import annotations

from pathlib import Path

from stackdoc.errors import Problem
from stackdoc.project import Layout
from stackdoc.stack.decisions import page as decisions_page
from stackdoc.stack.decisions.read import read_decisions
from stackdoc.stack.handbook import handbook
from tests.made import two_machines

PAGE = """\
# Kernels

### 1. Not one? {#decide-not}

## Decide

### 1. Write, or reshape? {#decide-write}

Reshape first, as [the table](#table) and [chips](silicon.md) say;
a second line. Then write.

### 2. Which sizes? {#decide-sizes}

```stackdoc
tower:
```

## Pitfalls

### 3. Nor this? {#decide-nor}
"""


def read(root: Path, text: str) -> tuple[list[Problem], str]:
    site = two_machines.site(root)
    (root / "docs/layers").mkdir(parents=True)
    (root / "docs/layers/kernels.md").write_text(text, "utf-8")
    problems: list[Problem] = []
    found = read_decisions(Layout(root), problems, handbook(site).stack)
    return problems, decisions_page.page(two_machines.changed(site, decisions=found)).text


def test_each_decision_has_its_address_and_its_first_sentence(tmp_path: Path) -> None:
    problems, text = read(tmp_path, PAGE)
    assert not problems
    assert "1. [Write, or reshape?](layers/kernels.md#decide-write)<br>" in text
    assert (
        "Reshape first, as [the table](layers/kernels.md#table) and [chips](layers/silicon.md) say; a second line.\n"
        in text
    )
    assert "2. [Which sizes?](layers/kernels.md#decide-sizes)" in text
    assert "Then write" not in text
    assert "decide-no" not in text


def test_a_decision_without_number_or_anchor_or_with_another_s_is_refused(tmp_path: Path) -> None:
    wrong = "## Decide\n\n### Why?\n\nSo.\n\n### 2. How? {#decide-how}\n\n### 3. How then? {#decide-how}\n"
    problems, _ = read(tmp_path, wrong)
    assert [(one.line, one.message) for one in sorted(problems)] == [
        (3, "the decision has no anchor"),
        (3, "the decision has no number"),
        (9, "duplicate anchor 'decide-how'"),
    ]
