"""JSON Schemas of the files, from the very types they are read into."""

from __future__ import annotations

from typing import Any

from stackdoc.claim import Claim
from stackdoc.contribution import Contribution
from stackdoc.fact import Fact
from stackdoc.number import Number
from stackdoc.reading.decode import adapter
from stackdoc.reading.stack import StackFile
from stackdoc.reading.taxonomies import OURS
from stackdoc.record import Record
from stackdoc.redirect import Redirect
from stackdoc.system import System
from stackdoc.taxonomy import Taxonomy
from stackdoc.term import Term

KINDS: dict[str, Any] = {
    "taxonomy": Taxonomy,
    "stack": StackFile,
    "claims": tuple[Claim, ...],
    "facts": tuple[Fact, ...],
    "numbers": tuple[Number, ...],
    "systems": tuple[System, ...],
    "glossary": tuple[Term, ...],
    "contributed": tuple[Contribution, ...],
    "redirects": tuple[Redirect, ...],
    "record": Record,
}
FILLED_IN = {"SourceLayer": OURS, "Taxonomy": {"file"}, "Number": {"line"}}
PATTERNS = {
    "id": "^[a-z0-9]+(-[a-z0-9]+)*$",
    "label": "^[A-Za-z0-9][A-Za-z0-9.+-]{0,31}$",
    "url": "^(https?://.*)?$",
    "home": "^(https?://.*)?$",
}


def schema(kind: str) -> dict[str, Any]:
    """The schema of one of KINDS (draft 2020-12): no key but those named; ids are slugs, addresses of the web."""
    made: dict[str, Any] = adapter(KINDS[kind]).json_schema()
    for name, shape in [("", made), *made.get("$defs", {}).items()]:
        if shape.get("type") == "object" and "properties" in shape:
            shape["additionalProperties"] = False
            _leave_out(shape, FILLED_IN.get(name or shape["title"], set()))
            for key, pattern in PATTERNS.items() if kind != "record" else ():
                if key in shape["properties"]:
                    shape["properties"][key]["pattern"] = pattern
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def _leave_out(shape: dict[str, Any], names: set[str]) -> None:
    """Fields that the reading fills in."""
    for name in names:
        shape["properties"].pop(name, None)
    if "required" in shape:
        shape["required"] = [name for name in shape["required"] if name not in names]
