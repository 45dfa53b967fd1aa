"""How figures name parameters, as a project writes it."""

from __future__ import annotations

from pathlib import Path

from stackdoc.errors import Problem
from stackdoc.project import Layout
from stackdoc.site.labels import read_labels


def test_labels_are_read_and_every_fault_has_its_line(tmp_path: Path) -> None:
    path = tmp_path / "docs/data/labels.yml"
    path.parent.mkdir(parents=True)
    path.write_text(
        '- {parameter: tokens, text: "{} tokens", one: 1 token}\n'
        "- {parameter: n, axis: size n}\n"
        '- {parameter: tokens, text: "tokens"}\n'
        "- {parameter: empty}\n"
    )
    problems: list[Problem] = []
    labels = read_labels(Layout(tmp_path), problems)
    assert [(problem.line, problem.message) for problem in problems] == [
        (3, "duplicate parameter 'tokens'"),
        (3, "'tokens' has no single {}"),
        (4, "'empty' has neither a text nor an axis"),
    ]
    assert labels["n"].axis_title == "size n"
    assert labels["n"].of(4, "4") == "n = 4"


def test_a_project_needs_no_labels(tmp_path: Path) -> None:
    problems: list[Problem] = []
    assert read_labels(Layout(tmp_path), problems) == {}
    assert problems == []
