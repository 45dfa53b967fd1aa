"""`stackdoc schema` and `stackdoc export`, as they are called."""

from __future__ import annotations

import json
import re
from pathlib import Path

from stackdoc.records.export import FORMATS
from stackdoc.render.citation import formats
from tests.made.commands import call
from tests.made.project import FILES, make_project


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
    exported = {path.name: path.read_text("utf-8") for path in (tmp_path / "out").iterdir()}
    data = {"crosswalk.json", "records.json", "stack.ttl", "stack.jsonld"}
    assert set(exported) == data | {"llms.txt", "robots.txt"}
    for name, text in exported.items():
        assert call(root, "export", name).stdout == text
    assert call(root, "export").exit_code == 2
    assert "did you mean 'crosswalk.json'?" in call(root, "export", "croswalk.json").stderr
    assert set(FILES) == {path.relative_to(root).as_posix() for path in root.rglob("*.*")}


def test_a_format_is_a_row_of_its_table(tmp_path: Path) -> None:
    root = make_project(tmp_path)
    refused = call(root, "export", "--format", "parquet").stderr
    assert all(f"'{name}'" in refused for name in FORMATS)
    refused = call(root, "cite", "pot/boiling", "--format", "endnote").stderr
    assert all(f"'{name}'" in refused for name in formats.FORMATS)
