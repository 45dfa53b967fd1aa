"""Bundles: records of a machine that can't publish, in a single file for import into another checkout.

A bundle is a zip archive with `manifest.json` and `records/<id>.json`, the same bytes for the same records. A signed
one also has `manifest.json.sig`, the signature of the manifest. A bundle is not trusted: every record must match its
id, and no name in the archive becomes a path.
"""

from __future__ import annotations

import hashlib
import io
import json
import lzma
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from stackdoc.errors import Problem, StackdocError, printable
from stackdoc.files import write_atomically
from stackdoc.machine.identity import alike
from stackdoc.model.example import Example
from stackdoc.model.machine import Machine
from stackdoc.model.provenance import Contribution, Withdrawal
from stackdoc.model.record import FIRST_ID_DIGITS, Record, method_of
from stackdoc.project import Layout
from stackdoc.records import store
from stackdoc.records.current import withdrawal
from stackdoc.records.identity import ID
from stackdoc.records.lists import read_contributions
from stackdoc.records.proof import differing_files, knows_commit, missing_files
from stackdoc.records.sanity import dated_in_future, misnamed
from stackdoc.records.signature import BUNDLE, UNSIGNED, Signature, sign
from stackdoc.records.signed import Statement, bundle_signature, kept

SCHEMA = "stackdoc.bundle/1"
MANIFEST = "manifest.json"
SIGNATURE = f"{MANIFEST}.sig"
ENTRY = re.compile(rf"records/({ID.pattern})\.json")
MOST_RECORDS = 1000
MAXIMUM_BYTES = 256 << 20  # unpacked
ENTRY_TIME = (1980, 1, 1, 0, 0, 0)  # of every entry, so that the same records make the same bytes
DAMAGED = (zipfile.BadZipFile, lzma.LZMAError, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
LONGEST_LINE = 200  # characters of a name


@dataclass(frozen=True)
class Arrival:
    """A record of an imported bundle: `new` if it was not stored yet; `notes` are sentences about it for the user,
    `signature` is that of the bundle.
    """

    record: Record
    new: bool
    notes: tuple[str, ...]
    signature: Signature = UNSIGNED


def pack(
    records: Iterable[Record],
    by: str,
    contact: str = "",
    withdrawn: Mapping[str, Withdrawal] = {},
    key: Path | None = None,
) -> bytes:
    """Return the bundle of the records, in the order of their ids, signed with a `key` if one is given.

    Raises StackdocError for an invalid name, and for a key that can't sign.

    The manifest states which of them were withdrawn, and why; earlier versions of stackdoc ignore that.
    """
    if not by.strip() or not _is_line(by) or not _is_line(contact):
        raise StackdocError([Problem("bundle", 0, "by", "needs a name of one line, 200 characters at most")])
    ordered = sorted(records, key=lambda record: record.id)
    contents = {record.id: store.file_content(record) for record in ordered}
    manifest: dict[str, object] = {
        "schema": SCHEMA,
        "by": by.strip(),
        "contact": contact.strip(),
        "records": {id: hashlib.sha256(content).hexdigest() for id, content in contents.items()},
    }
    if reasons := {record.id: why for record in ordered if (why := withdrawal(record, withdrawn))}:
        manifest["withdrawn"] = reasons
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as bundle:
        entries = {MANIFEST: json.dumps(manifest, indent=1, ensure_ascii=False).encode() + b"\n"}
        if key:
            entries[SIGNATURE] = sign(entries[MANIFEST], key, BUNDLE)
        entries |= {f"records/{id}.json": content for id, content in contents.items()}
        for name, content in entries.items():
            entry = zipfile.ZipInfo(name, ENTRY_TIME)
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            bundle.writestr(entry, content)
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
    problems += [Problem(file.name, 0, f"records/{id}.json", "is missing") for id in missing]
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
        raise StackdocError(problems)
    statement = None if signature is None else Statement(signed, signature)
    return Contribution("", manifest["by"], manifest["contact"]), records, manifest["withdrawn"], statement


def import_bundle(layout: Layout, file: Path, examples: Mapping[str, Example], now: datetime) -> tuple[Arrival, ...]:
    """Store the records of a bundle that are not stored yet, and list who contributed them. The ledger is unchanged.

    Either all are stored or none. A record that is stored already stays as it is, whoever measured it. Raises
    StackdocError if a record has the id of a different one, is dated after `now`, or was measured from other files than
    those of the commit that it states, or if the signature is broken.
    """
    contributor, records, withdrawn, statement = unpack(file)
    problems: list[Problem] = []
    signature = bundle_signature(layout, statement, now)
    if signature.state == "signature broken":
        problems.append(Problem(file.name, 0, SIGNATURE, str(signature), "ask whoever sent it for another copy"))
    stored = store.read_all(layout, problems)
    contributed = read_contributions(layout, problems)
    problems += _refused(layout, file.name, records, stored, now)
    if problems:
        raise StackdocError(problems)
    withdrawals, machines = layout.collection("withdrawn"), {record.machine for record in stored.values()}
    arrivals = tuple(
        Arrival(
            record,
            id not in stored,
            (
                *_notes(record, examples.get(record.example), withdrawn.get(id, ""), withdrawals),
                *_commit_notes(layout.root, record),
                *_machine_notes(record.machine, machines),
            ),
            signature,
        )
        for id, record in records.items()
    )
    new = [arrival.record for arrival in arrivals if arrival.new]
    for record in new:
        store.check_path(layout, record)
    entries = [Contribution(record.id, contributor.by, contributor.contact) for record in new]
    if statement and signature.state != "signature not checked":
        for path, content in kept(layout, statement, now).items():
            write_atomically(layout / path, content)
    # An entry without a record is harmless, so the list is written first.
    _write_contributions(layout, [*contributed.values(), *(it for it in entries if it.record not in contributed)])
    for record in new:
        store.write(layout, record)
    return arrivals


def _refused(
    layout: Layout, file: str, records: Mapping[str, Record], stored: Mapping[str, Record], now: datetime
) -> Iterator[Problem]:
    """Yield the problems of records under the address of another, stored or of the bundle, or dated after `now`.

    Also of those whose commit, if it is known here, has other files, and of machines with the id of another class,
    whose page would describe both.
    """
    earlier = {id[:FIRST_ID_DIGITS]: record for id, record in stored.items()}
    for id, record in records.items():
        where = f"records/{id}.json"
        other = earlier.setdefault(id[:FIRST_ID_DIGITS], record)
        if store.file_content(record) != store.file_content(other):
            yield store.duplicate_id(layout, file, where, id, other)
        for name, message in dated_in_future(record, now):
            yield Problem(file, 0, f"{where}: {name}", message)
        for path in differing_files(layout.root, record):
            yield Problem(file, 0, f"{where}: commit", f"{path} at {record.commit[:12]} is not what was measured")
    machines = {record.machine.id: record.machine for record in stored.values()}
    for record, (name, message) in misnamed(records.values(), machines):
        yield Problem(file, 0, f"records/{record.id}.json: {name}", message)


def _notes(record: Record, example: Example | None, withdrawn: str, withdrawals: str) -> Iterator[str]:
    if withdrawn:
        yield f"withdrawn by its author on {withdrawn}; to withdraw it here, add it to {withdrawals}"
    if example is None:
        yield f"this project has no example {record.example}"
    elif not example.matches(record.digest):
        yield "measured on another version of the example"
    if record.method != (method := method_of(record.device)):
        yield f"measured by {record.method}, not by {method}"
    if record.dirty:
        yield "measured with uncommitted changes"


def _commit_notes(root: Path, record: Record) -> Iterator[str]:
    if not record.commit or record.dirty:
        return
    commit = record.commit[:12]
    if not knows_commit(root, record.commit):
        yield f"unproven: commit {commit} is not known here"
    elif missing := missing_files(root, record):
        yield f"unproven: commit {commit} does not have {', '.join(missing)}"
    else:
        yield f"its files are those of commit {commit}"


def _machine_notes(machine: Machine, stored: Iterable[Machine]) -> Iterator[str]:
    ids = {other.id for other in stored if alike(machine, other)}
    if ids and machine.id not in ids:
        yield f"measured on a machine of the class that has the id {min(ids)} here"


def _write_contributions(layout: Layout, contributions: Iterable[Contribution]) -> None:
    ordered = sorted(contributions, key=lambda contribution: contribution.record)
    lines = [f"- {json.dumps(asdict(contribution), ensure_ascii=False)}\n" for contribution in ordered]
    if lines:
        write_atomically(layout / layout.collection("contributed"), "".join(lines).encode())


def _contents(file: Path) -> dict[str, bytes]:
    """Return the content of every entry by name, unpacked in memory within the limits. Raises StackdocError."""
    try:
        with zipfile.ZipFile(file) as bundle:
            entries = bundle.infolist()
            _check_names(file.name, [entry.filename for entry in entries])
            remaining = MAXIMUM_BYTES
            contents = {}
            for entry in entries:
                with bundle.open(entry) as stream:
                    content = stream.read(min(remaining, store.MAXIMUM_BYTES) + 1)
                remaining -= len(content)
                if remaining < 0 or len(content) > store.MAXIMUM_BYTES:
                    raise StackdocError([Problem(file.name, 0, entry.filename, "is larger than a bundle may be")])
                contents[entry.filename] = content
            return contents
    except OSError as error:
        raise StackdocError([Problem(file.name, 0, "", f"can't be read: {error.strerror or error}")]) from None
    except DAMAGED as error:
        raise StackdocError([Problem(file.name, 0, "", f"is not a complete bundle ({error})")]) from None


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
        raise StackdocError(problems)


def _manifest(file: str, content: bytes) -> dict[str, Any]:
    """Return the manifest with checked types; an older one has no withdrawals. Raises StackdocError."""
    try:
        manifest = json.loads(content)
    except (ValueError, RecursionError):
        manifest = None
    if not isinstance(manifest, dict) or manifest.get("schema") != SCHEMA:
        schema = manifest.get("schema") if isinstance(manifest, dict) else None
        raise StackdocError([Problem(file, 0, MANIFEST, f"has the schema {schema!r}; {SCHEMA!r} is expected")])
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
