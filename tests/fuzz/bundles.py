"""Bundles: archives with entries, manifests and bytes that no export writes. An import stores all or nothing."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from stackdoc.errors import Problem, StackdocError
from stackdoc.project import Layout
from stackdoc.records import store
from stackdoc.records.arrival import import_bundle
from stackdoc.records.bundle import MANIFEST, pack
from tests.fuzz.mutations import TEXTS, as_json, damaged, mutated, shapes
from tests.fuzz.target import Target
from tests.made.records import made_record

NOW = datetime(2026, 11, 30, tzinfo=UTC)
RECORDS = (made_record(), made_record(example="kernels/sort", digest="d9"))
GOOD = pack(RECORDS, "A. Person", "person@example.org")
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
NAMES = st.one_of(
    st.sampled_from(
        [
            *(
                MANIFEST,
                "records/",
                "records/../../x",
                "/etc/passwd",
                "..",
                "records/0123456789ab.json",
                "a\\b",
                "a\0b",
            ),
            *(
                f"records/{RECORDS[0].id}.json",
                f"records/{RECORDS[0].id.upper()}.json",
                f"x/{MANIFEST}",
                "é",
                "x" * 300,
            ),
        ]
    ),
    TEXTS,
)


def unpacked() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


ENTRIES = unpacked()
STATED = json.loads(ENTRIES[MANIFEST])


@st.composite
def bundles(draw: Callable[..., Any]) -> bytes:
    entries = list(ENTRIES.items())
    if draw(st.booleans()):
        manifest = as_json(draw(mutated(STATED, shapes(STATED))))
        entries[0] = (MANIFEST, manifest.encode("utf-8", "surrogatepass"))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(entries) - 1)) if entries else 0
        fault = draw(st.sampled_from(["removed", "doubled", "renamed", "damaged", "added"]))
        if fault == "removed" and entries:
            del entries[at]
        elif fault == "doubled" and entries:
            entries.append(entries[at])
        elif fault == "renamed" and entries:
            entries[at] = (draw(NAMES), entries[at][1])
        elif fault == "damaged" and entries:
            entries[at] = (entries[at][0], draw(damaged(entries[at][1])))
        else:
            entries.append((draw(NAMES), draw(st.binary(max_size=30))))
    content = zipped(entries, [draw(st.sampled_from(METHODS)) for _ in entries])
    return content if draw(st.booleans()) else bytes(draw(damaged(content)))


def zipped(entries: list[tuple[str, bytes]], methods: list[int]) -> bytes:
    archive = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(archive, "w") as bundle:
        warnings.simplefilter("ignore")  # zipfile warns of duplicate names
        for (name, content), method in zip(entries, methods, strict=True):
            entry = zipfile.ZipInfo(name.encode("utf-8", "replace").decode()[:9000] or "x", (1980, 1, 1, 0, 0, 0))
            entry.compress_type = method
            bundle.writestr(entry, content)
    return archive.getvalue()


def read(content: bytes, root: Path) -> None:
    project, file = root / "project", root / "b.zip"
    project.mkdir()
    file.write_bytes(content)
    layout = Layout(project)
    try:
        arrivals = import_bundle(layout, file, {}, NOW)
    except StackdocError:
        left = [path for path in project.rglob("*") if path.is_file() and ".stackdoc" not in path.parts]
        assert left == [], "a refused bundle left something behind"
        raise
    problems: list[Problem] = []
    assert store.read_all(layout, problems).keys() == {arrival.record.id for arrival in arrivals}
    assert problems == []


TARGET = Target("bundle", bundles(), lambda: [GOOD], read, seconds=10)
