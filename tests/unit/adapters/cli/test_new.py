"""`stackdoc new`, as it is called."""

from __future__ import annotations

from pathlib import Path

from tests.made.commands import call
from tests.made.project import make_project


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
