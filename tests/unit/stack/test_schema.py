"""The schemas of the data files."""

from __future__ import annotations

import json

from stackdoc.reading.schema import schema
from stackdoc.stack.handbook import KINDS
from tests.made.repository import ROOT
from tests.made.yaml_data import yaml_of


def test_the_schemas_know_every_key_of_our_own_files() -> None:
    for kind, pattern in (("stack", "stack.yml"), ("taxonomy", "taxonomies/*.yml"), ("claims", "claims/*.yml")):
        made = schema(KINDS[kind])
        for path in (ROOT / "docs/data").glob(pattern):
            assert list(_unknown(yaml_of(path), made, made)) == []
    for kind in KINDS:
        assert json.loads(json.dumps(schema(KINDS[kind])))["$schema"].endswith("2020-12/schema")


def _unknown(data: object, shape: dict[str, object], whole: dict[str, object]) -> list[str]:
    """Keys of the data that the schema does not have; enough of JSON Schema for ours."""
    while "$ref" in shape or "anyOf" in shape:
        options: list[dict[str, object]] = shape.get("anyOf") or [whole["$defs"][str(shape["$ref"]).split("/")[-1]]]  # type: ignore[assignment,index]
        shape = options[0]
    if isinstance(data, dict) and "properties" in shape:
        assert shape["additionalProperties"] is False
        known: dict[str, dict[str, object]] = shape["properties"]  # type: ignore[assignment]
        inner = [found for key in data.keys() & known.keys() for found in _unknown(data[key], known[key], whole)]
        return [*(data.keys() - known.keys()), *inner]
    if isinstance(data, list) and isinstance(shape.get("items"), dict):
        return [found for item in data for found in _unknown(item, shape["items"], whole)]  # type: ignore[arg-type]
    return []
