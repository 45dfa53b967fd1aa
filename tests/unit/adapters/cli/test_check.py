"""`stackdoc check`, as it is called."""

from __future__ import annotations

from pathlib import Path

from tests.made.commands import call
from tests.made.project import STACK, make_project


def test_check_says_what_was_read(tmp_path: Path) -> None:
    result = call(make_project(tmp_path), "check")
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "3 layers, 1 plane, 4 atoms from 2 taxonomies of 2 lineages",
        "3 pairs: 3 unanimous, 0 by one lineage, 0 always in one layer, 0 never compared, 0 split and ruled on",
        "the order agrees with 6 votes and overrules 0; equally good: 1 with the dependencies, 1 by votes alone",
        "1 claim, 1 fact, 1 system, 1 term",
        "1 example, 0 records",
    ]


def test_check_prints_every_problem_on_a_line_of_its_own_and_fails(tmp_path: Path) -> None:
    root = make_project(tmp_path, stack=STACK.replace("layer: dish", "layer: dihs"), glossary="- {term: on}\n")
    result = call(root, "check")
    assert result.exit_code == 1
    assert [line.partition(": ")[0] for line in result.stderr.splitlines()] == [
        "docs/data/glossary.yml:1",
        "docs/data/glossary.yml:1",
        "docs/data/stack.yml:11",
    ]
    assert result.stdout == ""


def test_check_warns_of_a_state_that_is_a_year_behind_the_newest_and_passes(tmp_path: Path) -> None:
    entry = (
        "- {{id: {0}, name: A, kind: b, layer: dish, runs: c, status: {{state: active, as_of: '{0}', source: d}}}}\n"
    )
    mentioned = '- {id: ladle, name: Ladle, kind: tool, layer: dish, mentions: ["cook:3"], runs: a thing}\n'
    root = make_project(tmp_path, systems=mentioned + entry.format("2024-05") + entry.format("2026-06"))
    result = call(root, "check")
    assert result.exit_code == 0
    assert result.stdout.startswith("warning: docs/data/systems.yml:2: [1].status.as_of: the state of 2024-05 was last")


def test_check_reads_the_pages_too(tmp_path: Path) -> None:
    root = make_project(tmp_path)
    (root / "docs/index.md").write_text("# Home\n\n```stackdoc\nexmaple: pot/boiling\n```\n", "utf-8")
    result = call(root, "check")
    assert result.exit_code == 1
    assert "docs/index.md:" in result.stderr


def test_a_project_without_a_stack_hears_of_no_layer_or_vote(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    checked = call(tmp_path, "check").stdout
    assert checked == "0 examples, 0 records\n"
    refused = call(tmp_path, "export", "crosswalk.json")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("export: crosswalk.json: is not an export of this project")
