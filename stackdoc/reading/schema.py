"""JSON Schemas of the data files, made from the types that they are read into."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from stackdoc.reading.decode import LABEL, SLUG, adapter

PATTERNS = {
    "id": f"^{SLUG.pattern}$",
    "label": f"^{LABEL.pattern}$",
    "url": "^(https?://.*)?$",
    "home": "^(https?://.*)?$",
}


@dataclass(frozen=True)
class Kind:
    """A kind of file: its type, and by type the fields that reading fills in, which no file contains.

    Names in files that programs write, such as records, need not match the patterns: these are not `patterned`.
    """

    type: Any
    filled_in: Mapping[str, frozenset[str]] = field(default_factory=dict)
    patterned: bool = True


def schema(kind: Kind) -> dict[str, Any]:
    """Return the schema of the file (draft 2020-12), which allows no other keys and restricts the form of names."""
    document: dict[str, Any] = adapter(kind.type).json_schema()
    for name, definition in [("", document), *document.get("$defs", {}).items()]:
        if definition.get("type") == "object" and "properties" in definition:
            definition["additionalProperties"] = False
            _remove(definition, kind.filled_in.get(name or definition["title"], frozenset()))
            for key, pattern in PATTERNS.items() if kind.patterned else ():
                if key in definition["properties"]:
                    definition["properties"][key]["pattern"] = pattern
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **document}


def _remove(definition: dict[str, Any], names: Collection[str]) -> None:
    for name in names:
        definition["properties"].pop(name, None)
    if "required" in definition:
        definition["required"] = [name for name in definition["required"] if name not in names]
