"""check, new, schema and export, as they are called."""

from __future__ import annotations

import json
import re
from pathlib import Path

from click.testing import CliRunner, Result

from stackdoc.adapters.cli.main import main
from tests.made.project import FILES, STACK, make_project


def call(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--root", str(root), *arguments])


def test_check_says_what_was_read(tmp_path: Path) -> None:
    result = call(make_project(tmp_path), "check")
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "3 layers, 1 planes, 4 atoms from 2 taxonomies of 2 lineages",
        "3 pairs: 3 unanimous, 0 by one lineage, 0 always in one layer, 0 never compared, 0 split and ruled on",
        "the order agrees with 6 votes and overrules 0; equally good: 1 with the dependencies, 1 by votes alone",
        "1 claims, 1 facts, 1 systems, 1 terms",
        "1 examples, 0 records",
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


def test_a_new_taxonomy_lacks_only_what_its_author_knows_and_nothing_is_overwritten(tmp_path: Path) -> None:
    root = make_project(tmp_path)
    assert call(root, "new", "taxonomy", "gourmet").exit_code == 0
    path = root / "docs/data/taxonomies/gourmet.yml"
    checked = call(root, "check")
    assert {line.split(": ")[2].split(";")[0] for line in checked.stderr.splitlines()} == {"is empty"} | {
        "source layer gourmet:1 () is mapped to no atom"
    }
    text = path.read_text("utf-8")
    again = call(root, "new", "taxonomy", "gourmet")
    assert (again.exit_code, again.stderr) == (1, "docs/data/taxonomies/gourmet.yml: already exists\n")
    assert path.read_text("utf-8") == text
    filled = text.replace('""', '"x"').replace("atoms: []", "atoms: [iron]").replace('url: "x"', 'url: ""')
    path.write_text(filled.replace("mappings: [] ", "mappings: [{layer: pot, relation: close}] "), "utf-8")
    assert call(root, "check").stderr == ""


def test_a_new_example_is_one_that_check_takes(tmp_path: Path) -> None:
    root = make_project(tmp_path)
    assert call(root, "new", "example", "dish/salting").exit_code == 0
    assert call(root, "check").exit_code == 0
    for name in ("salting", "../x/y", "Dish/Salt"):
        assert call(root, "new", "example", name).exit_code == 1
    assert call(root, "new", "taxonomy", "../x").exit_code == 1


def test_schemas_and_exports_are_printed_or_written(tmp_path: Path) -> None:
    root = make_project(tmp_path / "in")
    assert json.loads(call(root, "schema", "taxonomy").stdout)["title"] == "Taxonomy"
    assert "did you mean 'taxonomy'?" in call(root, "schema", "taxonmy").stderr
    assert call(root, "schema", "--out", str(tmp_path / "schemas")).exit_code == 0
    written = {path.name.removesuffix(".schema.json") for path in (tmp_path / "schemas").iterdir()}
    assert {"taxonomy", "claims", "gaps", "record"} <= written
    assert set(call(root, "schema").stdout.split()) == written
    helped = set(re.findall(r"[a-z]+", call(root, "schema", "--help").stdout))
    assert helped & written <= {"record"}  # the names are listed by the command alone
    assert call(root, "export", "--out", str(tmp_path / "out")).exit_code == 0
    written = {path.name: path.read_text("utf-8") for path in (tmp_path / "out").iterdir()}
    assert set(written) == {"crosswalk.json", "records.json", "stack.ttl", "stack.jsonld"}
    for name, text in written.items():
        assert call(root, "export", name).stdout == text
    assert call(root, "export").exit_code == 2
    assert set(FILES) == {path.relative_to(root).as_posix() for path in root.rglob("*.*")}


def test_a_project_without_a_stack_hears_of_no_layer_or_vote(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    checked = call(tmp_path, "check").stdout
    assert checked == "0 examples, 0 records\n"
    refused = call(tmp_path, "export", "crosswalk.json")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("export: crosswalk.json: needs a stack of layers")
