"""Read the published taxonomies, one file each."""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from stackdoc.errors import Problem, did_you_mean
from stackdoc.project import Layout
from stackdoc.reading.decode import decode
from stackdoc.reading.document import Document, Json
from stackdoc.reading.strict_yaml import parse
from stackdoc.reading.text import read_text
from stackdoc.stack.taxonomies.types import SourceLayer, Taxonomy

SHA256 = re.compile(r"[0-9a-f]{64}")
COMPUTED = {"source", "line"}  # fields of a row that are not in its file


@dataclasses.dataclass(frozen=True)
class Reading:
    """A taxonomy with the document that it was read from, which gives the lines of problems found later."""

    taxonomy: Taxonomy
    document: Document

    def problem(self, row: SourceLayer, key: str, message: str, hint: str = "", index: int | None = None) -> Problem:
        """Return a problem of a row at a key, and in a list at the entry `index`."""
        path = () if index is None else (index,)
        return self.document.problem((*self.place(row), key, *path), message, hint)

    def place(self, row: SourceLayer) -> tuple[str, int]:
        rows = self.document.at(("layers",))
        assert isinstance(rows, list)
        return "layers", next(
            index
            for index, row_data in enumerate(rows)
            if isinstance(row_data, dict) and row_data["label"] == row.label
        )


def read_taxonomies(layout: Layout, problems: list[Problem]) -> tuple[Taxonomy, ...]:
    """Return every taxonomy by id. A row with `same_as` and no atoms gets those of its twin."""
    return tuple(reading.taxonomy for reading in readings(layout, problems))


def list_files(layout: Layout) -> list[str]:
    """Return the files of all taxonomies, relative to the root."""
    return sorted(
        path.relative_to(layout.root).as_posix() for path in (layout / f"{layout.data}/taxonomies").glob("*.yml")
    )


def readings(layout: Layout, problems: list[Problem]) -> tuple[Reading, ...]:
    """Return the taxonomies with their documents, and check their references to each other."""
    files = list_files(layout)
    parsed = [reading for file in files if (reading := _read(layout, file, problems))]
    rows = {row.qualified: row for reading in parsed for row in reading.taxonomy.layers}
    for reading in parsed if len(parsed) == len(files) else ():
        for row in reading.taxonomy.layers:
            if row.same_as and (row.same_as not in rows or row.same_as == row.qualified):
                message = f"unknown source layer {row.same_as!r}"
                problems.append(reading.problem(row, "same_as", message, did_you_mean(row.same_as, rows)))
    completed = (dataclasses.replace(reading, taxonomy=_completed(reading.taxonomy, rows)) for reading in parsed)
    return tuple(sorted(completed, key=lambda reading: reading.taxonomy.source.id))


def read_taxonomy(layout: Layout, file: str, problems: list[Problem]) -> Taxonomy | None:
    """Read one file, relative to the root; None if it can't be read."""
    reading = _read(layout, file, problems)
    return reading.taxonomy if reading else None


def _completed(taxonomy: Taxonomy, rows: Mapping[str, SourceLayer]) -> Taxonomy:
    layers = []
    for row in taxonomy.layers:
        twin = rows.get(row.same_as)
        if twin and not row.atoms:
            row = dataclasses.replace(row, atoms=twin.atoms, mappings=row.mappings or twin.mappings)
        layers.append(row)
    return dataclasses.replace(taxonomy, layers=tuple(layers))


def _read(layout: Layout, file: str, problems: list[Problem]) -> Reading | None:
    text = read_text(layout.root, file, problems)
    document = parse(file, text, problems) if text is not None else None
    if document is None:
        return None
    problems.extend(_check_computed(document))
    taxonomy = decode(Taxonomy, dataclasses.replace(document, data=_with_computed(document)), problems)
    if taxonomy is None:
        return None
    reading = Reading(dataclasses.replace(taxonomy, layers=_bottom_up(taxonomy.layers)), document)
    problems.extend(_faults(reading))
    return reading


def _bottom_up(layers: tuple[SourceLayer, ...]) -> tuple[SourceLayer, ...]:
    """Return the rows by position; those of one tier, and those outside the tower, keep the order of the file."""
    return tuple(sorted(layers, key=lambda row: (row.position is None, row.position or 0)))


def _check_computed(document: Document) -> Iterator[Problem]:
    """Yield a problem for each field that the file must not contain."""
    data = document.data
    if isinstance(data, dict) and "file" in data:
        yield document.problem(("file",), "unknown key 'file'")
    for index, row in enumerate(_rows(data)):
        for key in sorted(COMPUTED & row.keys()) if isinstance(row, dict) else ():
            yield document.problem(("layers", index, key), f"unknown key {key!r}")


def _rows(data: Json) -> list[Json]:
    rows = data.get("layers") if isinstance(data, dict) else None
    return rows if isinstance(rows, list) else []


def _with_computed(document: Document) -> Json:
    """Return the data with the name of the file, and in each row its source and line."""
    data = document.data
    if not isinstance(data, dict):
        return data
    source = data.get("source")
    id = source.get("id") if isinstance(source, dict) else None
    filled: dict[str, Json] = {**data, "file": document.file}
    if "layers" in data and isinstance(data["layers"], list):
        added: list[dict[str, Json]] = [
            {"source": str(id), "line": document.line(("layers", index))} for index in range(len(data["layers"]))
        ]
        filled["layers"] = [
            {**row, **fields} if isinstance(row, dict) else row
            for row, fields in zip(data["layers"], added, strict=True)
        ]
    return filled


def _faults(reading: Reading) -> Iterator[Problem]:
    """Yield what is wrong within one taxonomy."""
    taxonomy, document = reading.taxonomy, reading.document
    stem = PurePosixPath(document.file).stem
    if taxonomy.source.id != stem:
        yield document.problem(
            ("source", "id"), f"{taxonomy.source.id!r} is in {stem}.yml", "name the file after the id"
        )
    yield from _source_faults(document)
    for row in taxonomy.layers:
        yield from _row_faults(reading, row)
    labels = [row.label for row in taxonomy.layers]
    for index, erratum in enumerate(taxonomy.errata):
        for number, label in enumerate(erratum.labels):
            if label not in labels:
                hint = did_you_mean(label, labels)
                yield document.problem(("errata", index, "labels", number), f"unknown layer {label!r}", hint)
    for index, view in enumerate(taxonomy.views):
        for number, (_, cells) in enumerate(view.rows):
            if len(cells) != len(view.columns):
                message = f"has {len(cells)} cells; the table has {len(view.columns)} columns"
                yield document.problem(("views", index, "rows", number), message)


def _source_faults(document: Document) -> Iterator[Problem]:
    """Yield invalid dates and digests of the source."""
    source = document.at(("source",))
    assert isinstance(source, dict)
    digest, accessed, published = (source.get(key) for key in ("sha256", "accessed", "published"))
    if isinstance(digest, str) and not SHA256.fullmatch(digest):
        hint = "64 hexadecimal digits in lower case; leave it out if no file was read"
        yield document.problem(("source", "sha256"), f"{digest[:70]!r} is not a SHA-256 digest", hint)
    if isinstance(accessed, str) and not _is_date(accessed, "%Y-%m-%d"):
        yield document.problem(("source", "accessed"), f"{accessed[:60]!r} is not a date", "write YYYY-MM-DD")
    if isinstance(published, str) and not any(_is_date(published, form) for form in ("%Y-%m-%d", "%Y-%m", "%Y")):
        hint = "write YYYY-MM-DD, YYYY-MM or YYYY; leave it out if the source has no date"
        yield document.problem(("source", "published"), f"{published[:60]!r} is not a date", hint)


def _is_date(text: str, form: str) -> bool:
    try:
        return datetime.datetime.strptime(text, form).strftime(form) == text
    except ValueError:
        return False


def _row_faults(reading: Reading, row: SourceLayer) -> Iterator[Problem]:
    """Yield an invalid position, and a second mapping to one layer."""
    if row.position is not None and row.position < 1:
        yield reading.problem(row, "position", f"found {row.position}; positions count from 1 at the bottom")
    first: dict[str, str] = {}
    for index, mapping in enumerate(row.mappings):
        if mapping.layer in first:
            message = f"{row.qualified} is mapped to {mapping.layer!r} as {first[mapping.layer]} and {mapping.relation}"
            yield reading.problem(row, "mappings", message, "a row has one relation to a layer; remove one", index)
        first.setdefault(mapping.layer, mapping.relation)
