"""`stackdoc new`, as it is called."""

from __future__ import annotations

from pathlib import Path

from stackdoc.plan.project import read_project
from stackdoc.project import Layout
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


def test_a_new_example_needs_torch_only_if_asked_and_a_layer_only_in_a_stack(tmp_path: Path) -> None:
    assert call(tmp_path, "new", "example", "sorting/merge").exit_code == 0
    plain = (tmp_path / "examples/sorting/merge.py").read_text("utf-8")
    assert "torch" not in plain
    assert "layer" not in plain
    assert call(tmp_path, "new", "example", "sorting/sum", "--torch").exit_code == 0
    assert "import torch" in (tmp_path / "examples/sorting/sum.py").read_text("utf-8")
    texts = {example.title: example.summary for example in read_project(Layout(tmp_path)).examples.values()}
    assert texts == {
        "Merge": "How long sorting takes, by the length of the list.",
        "Sum": "How long the sum of a matrix takes, by its size.",
    }
    assert call(tmp_path, "check").stdout == "2 examples, 0 records\n"


def test_a_new_stack_is_complete_and_takes_a_new_taxonomy(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text("site_name: A\ndocs_dir: pages\n", "utf-8")
    refused = call(tmp_path, "new", "taxonomy", "ours")
    assert refused.stderr == "pages/data/stack.yml: is missing; stackdoc new stack writes one\n"
    assert call(tmp_path, "new", "stack").exit_code == 0
    checked = call(tmp_path, "check")
    assert checked.stderr == ""
    assert checked.stdout.startswith("3 layers, 1 plane, 5 atoms from 0 taxonomies")
    again = call(tmp_path, "new", "stack")
    assert (again.exit_code, again.stderr) == (1, "pages/data/stack.yml: already exists\n")
    assert call(tmp_path, "new", "taxonomy", "ours").exit_code == 0
    path = tmp_path / "pages/data/taxonomies/ours.yml"
    filled = path.read_text("utf-8").replace('url: ""', "").replace('""', '"x"').replace("atoms: []", "atoms: [disk]")
    path.write_text(filled.replace("mappings: []", "mappings: [{layer: storage, relation: close}]"), "utf-8")
    assert call(tmp_path, "check").stderr == ""
