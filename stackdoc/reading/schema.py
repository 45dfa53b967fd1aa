"""JSON Schemas of the files, from the very types they are read into."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from stackdoc.reading.decode import adapter

PATTERNS = {
    "id": "^[a-z0-9]+(-[a-z0-9]+)*$",
    "label": "^[A-Za-z0-9][A-Za-z0-9.+-]{0,31}$",
    "url": "^(https?://.*)?$",
    "home": "^(https?://.*)?$",
}


@dataclass(frozen=True)
class Kind:
    """A file's type; `filled_in` are the fields, by type, that its reading fills in and no file states. What
    programs write, such as a record, is not held to the patterns of names (`patterned`)."""

    type: Any
    filled_in: Mapping[str, frozenset[str]] = field(default_factory=dict)
    patterned: bool = True


def schema(kind: Kind) -> dict[str, Any]:
    """The schema of the file (draft 2020-12): no key but those named; ids are slugs, addresses of the web."""
    made: dict[str, Any] = adapter(kind.type).json_schema()
    for name, shape in [("", made), *made.get("$defs", {}).items()]:
        if shape.get("type") == "object" and "properties" in shape:
            shape["additionalProperties"] = False
            _leave_out(shape, kind.filled_in.get(name or shape["title"], frozenset()))
            for key, pattern in PATTERNS.items() if kind.patterned else ():
                if key in shape["properties"]:
                    shape["properties"][key]["pattern"] = pattern
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def _leave_out(shape: dict[str, Any], names: Collection[str]) -> None:
    """Fields that the reading fills in."""
    for name in names:
        shape["properties"].pop(name, None)
    if "required" in shape:
        shape["required"] = [name for name in shape["required"] if name not in names]
