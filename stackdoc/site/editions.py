"""Reads and writes the manifests of editions: `editions/<name>/manifest.json`."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import PurePosixPath
from typing import Any

from stackdoc.errors import Problem
from stackdoc.model.edition import Edition
from stackdoc.project import EDITIONS, Layout
from stackdoc.reading.text import read_text
from stackdoc.records.identity import SHA256
from stackdoc.records.lists import is_date
from stackdoc.records.signatures.signature import MAXIMUM_BYTES as SIGNATURE_BYTES
from stackdoc.records.signatures.signature import PROJECT, Signature, checked
from stackdoc.records.signatures.signed import allowed_signers

SCHEMA = "stackdoc.edition/1"
NAME = re.compile(r"[0-9a-z]+([.-][0-9a-z]+)*")
DOI = re.compile(r"(10\.\d{4,9}/[\w.()/:;-]+)?")
MANIFEST = "manifest.json"
MAXIMUM_BYTES = 32 << 20
TEXTS = ("name", "title", "author", "licence", "address", "date", "commit", "doi")
MAPPINGS = ("revisions", "files")


def read_editions(layout: Layout, problems: list[Problem]) -> tuple[Edition, ...]:
    """Return the editions, the newest first; one whose manifest is not valid is a problem."""
    paths = sorted((layout / EDITIONS).glob(f"*/{MANIFEST}"))
    read = [_read(layout, path.parent.name, problems) for path in paths]
    return tuple(sorted((it for it in read if it), key=lambda edition: (edition.date, edition.name), reverse=True))


def manifest(edition: Edition) -> bytes:
    """Return the content of the edition's manifest."""
    texts = {name: getattr(edition, name) for name in TEXTS}
    mappings = {name: dict(sorted(getattr(edition, name).items())) for name in MAPPINGS}
    return json.dumps({"schema": SCHEMA, **texts, **mappings}, ensure_ascii=False, indent=1).encode() + b"\n"


def signature_of(layout: Layout, edition: Edition, problems: list[Problem]) -> Signature:
    """Return the signature of the manifest, made with a key that was valid on the day of the edition."""
    file = f"{layout.edition(edition.name)}/{MANIFEST}"
    signed = layout / f"{file}.sig"
    signature = None
    if signed.exists():
        with signed.open("rb") as stream:
            signature = stream.read(SIGNATURE_BYTES + 1)
    noon = datetime.combine(datetime.fromisoformat(edition.date), time(12), UTC)
    result = checked((layout / file).read_bytes(), signature, allowed_signers(layout, problems), PROJECT, noon)
    if result.state == "signature broken":
        problems.append(Problem(file, 0, "", str(result), "restore the manifest that was signed"))
    return result


def text_problems(layout: Layout, edition: Edition) -> Iterator[Problem]:
    """Yield the texts of an edition that are not what its manifest states."""
    for path, digest in edition.files.items():
        if not path.endswith(".md"):
            continue
        file = f"{layout.edition(edition.name)}/text/{path}"
        try:
            content = (layout / file).read_bytes()
        except OSError as error:
            yield Problem(file, 0, "", f"can't be read: {error.strerror}", "restore it from the edition's archive")
            continue
        if hashlib.sha256(content).hexdigest() != digest:
            yield Problem(file, 0, "", "is not what the manifest states", "restore it: an edition never changes")


def _read(layout: Layout, name: str, problems: list[Problem]) -> Edition | None:
    file = f"{layout.edition(name)}/{MANIFEST}"
    text = read_text(layout.root, file, problems, most_bytes=MAXIMUM_BYTES)
    if text is None:
        return None
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        fields = None
    if fault := _fault(fields, name):
        problems.append(Problem(file, 0, "", fault, "restore it; manifests are made by `stackdoc edition`"))
        return None
    digest = hashlib.sha256((layout / file).read_bytes()).hexdigest()
    return Edition(**{key: fields[key] for key in (*TEXTS, *MAPPINGS)}, digest=digest)


def _fault(fields: Any, name: str) -> str:
    """Return what is wrong with the content of a manifest; empty if nothing is."""
    if not isinstance(fields, dict) or fields.get("schema") != SCHEMA:
        return f"is not a manifest of the schema {SCHEMA!r}"
    if any(not isinstance(fields.get(key), str) for key in TEXTS) or fields["name"] != name or not NAME.fullmatch(name):
        return f"does not describe the edition {name!r}"
    if not is_date(fields["date"]) or not DOI.fullmatch(fields["doi"]) or not _is_address(fields["address"], name):
        return "has an invalid date, DOI or address"
    for key in MAPPINGS:
        entries = fields.get(key)
        if not isinstance(entries, dict) or not all(isinstance(it, str) for it in entries.values()):
            return f"has no valid {key}"
    for path, digest in fields["files"].items():
        if not is_inside(path) or not SHA256.fullmatch(digest):
            return f"has an invalid entry for the file {path[:100]!r}"
    return ""


def is_inside(path: str) -> bool:
    """Whether a path of a file is relative, normal and inside of the directory that it is relative to."""
    parts = PurePosixPath(path).parts
    return (
        bool(parts)
        and "/".join(parts) == path
        and not {"..", "/"} & set(parts)
        and "\\" not in path
        and "\0" not in path
    )


def _is_address(address: str, name: str) -> bool:
    return re.fullmatch(rf"https?://[^\s\"'<>]+/v/{re.escape(name)}/", address) is not None
