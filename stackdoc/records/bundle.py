"""Bundles: records of a machine that can't publish, in a single file for import into another checkout.

A bundle is a zip archive with `manifest.json` and `records/<id>.json`, the same bytes for the same records. A signed
one also has `manifest.json.sig`, the signature of the manifest. A bundle is not trusted: every record must match its
id, and no name in the archive becomes a path.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from stackdoc.errors import Problem, StackdocError, printable
from stackdoc.files import DAMAGED, write_archive
from stackdoc.model.provenance import Contribution, Withdrawal
from stackdoc.model.record import Record
from stackdoc.records import store
from stackdoc.records.current import withdrawal
from stackdoc.records.identity import ID
from stackdoc.records.signatures.signature import BUNDLE, sign
from stackdoc.records.signatures.signed import Statement

SCHEMA = "stackdoc.bundle/1"
MANIFEST = "manifest.json"
SIGNATURE = f"{MANIFEST}.sig"
ENTRY = re.compile(rf"records/({ID.pattern})\.json")
MOST_RECORDS = 100_000
MAXIMUM_BYTES = 256 << 20  # unpacked
MAXIMUM_PACKED_BYTES = 128 << 20
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # of compression, that every Python unpacks within known limits
LONGEST_LINE = 200  # characters of a name
MOST_PROBLEMS = 100  # reported of one bundle


def pack(
    records: Iterable[Record],
    by: str,
    contact: str = "",
    withdrawn: Mapping[str, Withdrawal] = {},
    key: Path | None = None,
) -> bytes:
    """Return the bundle of the records, in the order of their ids, signed with a `key` if one is given.

    Raises StackdocError for an invalid name, for more records than a bundle may have, and for a key that can't sign.

    The manifest states which of them were withdrawn, and why; earlier versions of stackdoc ignore that.
    """
    if not by.strip() or not _is_line(by) or not _is_line(contact):
        raise StackdocError([Problem("bundle", 0, "by", "needs a name of one line, 200 characters at most")])
    ordered = sorted(records, key=lambda record: record.id)
    contents = {record.id: store.file_content(record) for record in ordered}
    if len(contents) > MOST_RECORDS or sum(map(len, contents.values())) > MAXIMUM_BYTES:
        message = f"has more than {MOST_RECORDS} records or {MAXIMUM_BYTES >> 20} MiB"
        raise StackdocError([Problem("bundle", 0, "", message, "export them in parts, by `--pattern`")])
    manifest: dict[str, object] = {
        "schema": SCHEMA,
        "by": by.strip(),
        "contact": contact.strip(),
        "records": {id: hashlib.sha256(content).hexdigest() for id, content in contents.items()},
    }
    if reasons := {record.id: why for record in ordered if (why := withdrawal(record, withdrawn))}:
        manifest["withdrawn"] = reasons
    content = json.dumps(manifest, indent=1, ensure_ascii=False).encode() + b"\n"
    return _archive(content, sign(content, key, BUNDLE) if key else None, contents)


def repack(statement: Statement, records: Iterable[Record]) -> bytes:
    """Return the bundle that was signed, of its manifest and its records."""
    return _archive(*statement, {record.id: store.file_content(record) for record in records})


def _archive(manifest: bytes, signature: bytes | None, contents: Mapping[str, bytes]) -> bytes:
    entries = {MANIFEST: manifest}
    if signature is not None:
        entries[SIGNATURE] = signature
    archive = io.BytesIO()
    write_archive(archive, entries | {f"records/{id}.json": content for id, content in contents.items()})
    return archive.getvalue()


def _is_line(text: str) -> bool:
    """Whether the text is one short line of printable characters."""
    return len(text) <= LONGEST_LINE and printable(text) == text


def unpack(file: Path) -> tuple[Contribution, dict[str, Record], dict[str, str], Statement | None]:
    """Return who made the records (its `record` is empty), the records by id, when and why some were withdrawn, and
    what was signed, None if nothing was.

    Raises StackdocError with all problems: a truncated or foreign archive, entries of other names, content that
    differs from the manifest, and records that are edited, of an unknown schema or too large.
    """
    problems: list[Problem] = []
    contents = _contents(file)
    signed, signature = contents.pop(MANIFEST, b""), contents.pop(SIGNATURE, None)
    manifest = _manifest(file.name, signed)
    hashes: dict[str, str] = manifest["records"]
    missing = sorted(hashes.keys() - {_id(name) for name in contents})
    problems += [Problem(file.name, 0, f"records/{id[:80]}.json", "is missing") for id in missing]
    records: dict[str, Record] = {}
    for name, content in contents.items():
        if hashes.get(_id(name)) != hashlib.sha256(content).hexdigest():
            problems.append(Problem(file.name, 0, name, "does not have the hash that the manifest states"))
            continue
        try:
            records[_id(name)] = store.parse(content, f"{file.name}: {name}", _id(name))
        except StackdocError as error:
            problems += error.problems
    if problems:
        raise StackdocError(first(problems, file.name))
    statement = None if signature is None else Statement(signed, signature)
    return Contribution("", manifest["by"], manifest["contact"]), records, manifest["withdrawn"], statement


def first(problems: list[Problem], file: str) -> list[Problem]:
    """Return the first problems of a bundle, which could have any number, and how many more there are."""
    more = Problem(file, 0, "", f"has {len(problems) - MOST_PROBLEMS} more problems")
    return [*problems[:MOST_PROBLEMS], more] if len(problems) > MOST_PROBLEMS else problems


def _contents(file: Path) -> dict[str, bytes]:
    """Return the content of every entry by name, unpacked in memory within the limits. Raises StackdocError."""
    try:
        if file.stat().st_size > MAXIMUM_PACKED_BYTES or not file.is_file():
            message = f"is not a file of at most {MAXIMUM_PACKED_BYTES >> 20} MiB"
            raise StackdocError([Problem(file.name, 0, "", message)])
        with zipfile.ZipFile(file) as bundle:
            entries = bundle.infolist()
            _check_names(file.name, [entry.filename for entry in entries])
            contents: dict[str, bytes] = {}
            remaining = MAXIMUM_BYTES
            for entry in entries:
                contents[entry.filename] = _content(file.name, bundle, entry, min(remaining, store.MAXIMUM_BYTES))
                remaining -= len(contents[entry.filename])
            return contents
    except OSError as error:
        raise StackdocError([Problem(file.name, 0, "", f"can't be read: {error.strerror or error}")]) from None
    except DAMAGED as error:
        raise StackdocError([Problem(file.name, 0, "", f"is not a complete bundle ({error})")]) from None


def _content(file: str, bundle: zipfile.ZipFile, entry: zipfile.ZipInfo, most_bytes: int) -> bytes:
    """Return the content of an entry. Raises StackdocError for a damaged one, another compression and sheer size."""
    if entry.compress_type not in METHODS:
        message = f"is compressed by method {entry.compress_type} of zip; {zipfile.ZIP_DEFLATED}, deflate, is expected"
        raise StackdocError([Problem(file, 0, entry.filename, message)])
    try:
        with bundle.open(entry) as stream:
            content = stream.read(most_bytes + 1)
    except DAMAGED as error:
        raise StackdocError([Problem(file, 0, entry.filename, f"is damaged ({error})")]) from None
    if len(content) > most_bytes:
        raise StackdocError([Problem(file, 0, entry.filename, "is larger than a bundle may be")])
    return content


def _check_names(file: str, names: list[str]) -> None:
    if len(names) > MOST_RECORDS + 2:
        raise StackdocError([Problem(file, 0, "", f"has more than {MOST_RECORDS} records")])
    problems = [
        Problem(file, 0, repr(name[:100]), "is not an entry of a bundle")
        for name in names
        if name not in (MANIFEST, SIGNATURE) and not ENTRY.fullmatch(name)
    ]
    problems += [Problem(file, 0, name, "is a duplicate") for name, count in Counter(names).items() if count > 1]
    if MANIFEST not in names:
        problems.append(Problem(file, 0, "", f"has no {MANIFEST}", "make it by `stackdoc bundle export`"))
    if problems:
        raise StackdocError(first(problems, file))


def _manifest(file: str, content: bytes) -> dict[str, Any]:
    """Return the manifest with checked types; an older one has no withdrawals. Raises StackdocError."""
    try:
        manifest = json.loads(content)
    except (ValueError, RecursionError):
        manifest = None
    if not isinstance(manifest, dict) or manifest.get("schema") != SCHEMA:
        schema = manifest.get("schema") if isinstance(manifest, dict) else None
        raise StackdocError([Problem(file, 0, MANIFEST, f"has the schema {schema!r:.80}; {SCHEMA!r} is expected")])
    by, contact, records = (manifest.get(name) for name in ("by", "contact", "records"))
    texts = isinstance(by, str) and isinstance(contact, str) and _is_line(by) and _is_line(contact)
    if not texts or not str(by).strip() or not isinstance(records, dict):
        raise StackdocError([Problem(file, 0, MANIFEST, "does not say who measured which records")])
    withdrawn = manifest.setdefault("withdrawn", {})
    if not isinstance(withdrawn, dict) or not all(isinstance(why, str) for why in withdrawn.values()):
        raise StackdocError([Problem(file, 0, MANIFEST, "does not say why records were withdrawn")])
    return manifest


def _id(name: str) -> str:
    match = ENTRY.fullmatch(name)
    return match[1] if match else ""
