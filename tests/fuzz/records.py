"""Records: real ones, shortened, with a fault at any field. One that is accepted can be shown and exported."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from stackdoc.project import Layout
from stackdoc.records import store
from stackdoc.records.identity import digest_of, id_of
from tests.fuzz.mutations import as_json, damaged, mutated, shapes
from tests.fuzz.showing import show_record
from tests.fuzz.target import Target
from tests.made.repository import ROOT

REAL = (  # one of each schema, and a field that the others lack
    "zen4-2c-24g-144f/serving/paging/62c791770c92",
    "zen3-2c-24g-336d/data/dali_pictures/08308776afeb",
    "zen5-2c-24g-df7d/serving/rounded_model/b9b9706bd852",
)
KEPT = {"launches": 3, "wall_ns": 3, "cpu_ns": 3, "switches": 3, "device_ns": 3, "states": 1}  # entries of lists
MOST = 12  # entries of other lists


@cache
def real() -> tuple[tuple[dict[str, Any], dict[str, Any]], ...]:
    """Return the shortened records with their shapes."""
    files = [ROOT / "docs/records" / f"{name}.json" for name in REAL]
    records = [_shortened(json.loads(file.read_text("utf-8"))) for file in files]
    return tuple((record, shapes(record)) for record in records)


def _shortened(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _shortened(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_shortened(item) for item in value[: KEPT.get(name, MOST)]]
    return value


def identified(record: Any) -> Any:
    """Return the record under the hash of its content, if it has one."""
    if not isinstance(record, dict):
        return record
    try:
        digest = digest_of(record)
    except (ValueError, TypeError, RecursionError):
        return record
    stated = {"sha256": digest} if "sha256" in record else {}
    return {**record, "id": id_of(digest, "sha256" not in record), **stated}


@st.composite
def records(draw: Callable[..., Any]) -> bytes:
    """Files of records with faults; most are under their own hash, so that what is behind it is reached."""
    record, shaped = draw(st.sampled_from(real()))
    changed = draw(mutated(record, shaped))
    if draw(st.integers(0, 9)):
        changed = identified(changed)
    content = as_json(changed).encode("utf-8", "surrogatepass")
    return bytes(content if draw(st.integers(0, 19)) else draw(damaged(content)))


def good() -> Iterator[bytes]:
    for record, _ in real():
        yield as_json(identified(record)).encode()


def stated_id(content: bytes) -> str:
    """Return the id that a file states, so that its name is never the reason to refuse it."""
    try:
        fields = json.loads(content)
    except (ValueError, RecursionError):
        return "0" * 16
    return str(fields.get("id", "")) if isinstance(fields, dict) else ""


def read(content: bytes, root: Path) -> None:
    record = store.parse(content, "docs/records/record.json", stated_id(content))
    store.check_path(Layout(root), record)
    show_record(root, record)


TARGET = Target("record", records(), good, read, seconds=15)
