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
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from stackdoc.errors import Problem, StackdocError, printable
from stackdoc.files import DAMAGED, write_archive
from stackdoc.machine.identity import class_of
from stackdoc.model.example import Example
from stackdoc.model.provenance import Contribution, Withdrawal
from stackdoc.model.record import FIRST_ID_DIGITS, Record, method_of
from stackdoc.project import Layout
from stackdoc.records import store
from stackdoc.records.current import withdrawal
from stackdoc.records.identity import ID
from stackdoc.records.lists import read_contributions
from stackdoc.records.proof import Proof, prove
from stackdoc.records.sanity import dated_in_future, misnamed, unnamed
from stackdoc.records.signature import BUNDLE, UNSIGNED, Signature, sign
from stackdoc.records.signed import Statement, bundle_signature, kept
from stackdoc.records.transaction import alone, write_together

SCHEMA = "stackdoc.bundle/1"
MANIFEST = "manifest.json"
SIGNATURE = f"{MANIFEST}.sig"
ENTRY = re.compile(rf"records/({ID.pattern})\.json")
MOST_RECORDS = 100_000
MAXIMUM_BYTES = 256 << 20  # unpacked
MAXIMUM_PACKED_BYTES = 128 << 20
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # of compression, that every Python unpacks within known limits
LONGEST_LINE = 200  # characters of a name
LONGEST = 1000  # characters of a reason that are shown
MOST_PROBLEMS = 100  # reported of one bundle

Trial = Callable[[Sequence[Record], Mapping[str, Record]], Mapping[str, str]]  # see stackdoc/render/trial.py


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
    entries = {MANIFEST: json.dumps(manifest, indent=1, ensure_ascii=False).encode() + b"\n"}
    if key:
        entries[SIGNATURE] = sign(entries[MANIFEST], key, BUNDLE)
    entries |= {f"records/{id}.json": content for id, content in contents.items()}
    archive = io.BytesIO()
    write_archive(archive, entries)
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
        raise StackdocError(_first(problems, file.name))
    statement = None if signature is None else Statement(signed, signature)
    return Contribution("", manifest["by"], manifest["contact"]), records, manifest["withdrawn"], statement


def import_bundle(
    layout: Layout, file: Path, examples: Mapping[str, Example], now: datetime, trial: Trial = lambda *_: {}
) -> tuple[Arrival, ...]:
    """Store the records of a bundle that are not stored yet, and list who contributed them. The ledger is unchanged.

    Either all are stored or none. A record that is stored already stays as it is, whoever measured it. Raises
    StackdocError if a record has the id of a different one, is dated after `now`, was measured from other files than
    those of the commit that it states, or fails the `trial`, and if the signature is broken.
    """
    contributor, records, withdrawn, statement = unpack(file)
    with alone(layout):
        problems: list[Problem] = []
        signature = bundle_signature(layout, statement, now)
        if signature.state == "signature broken":
            problems.append(Problem(file.name, 0, SIGNATURE, str(signature), "ask whoever sent it for another copy"))
        stored = store.read_all(layout, problems)
        contributed = read_contributions(layout, problems)
        proofs = prove(layout.root, records.values())
        problems += _refused(layout, file.name, records, stored, proofs, now)
        new = [record for id, record in records.items() if id not in stored]
        if not problems:
            failed = trial(new, {**stored, **records})
            problems += [Problem(file.name, 0, f"records/{id}.json", reason) for id, reason in failed.items()]
        if problems:
            raise StackdocError(_first(problems, file.name))
        contents = kept(layout, statement, now) if statement and signature.state != "signature not checked" else {}
        if new:
            entries = {record.id: replace(contributor, record=record.id) for record in new}
            listed = {**contributed, **entries}.values()
            files = {store.record_path(layout, record): store.file_content(record) for record in new}
            contents = {**contents, Path(layout.collection("contributed")): _listing(listed), **files}
        if contents:
            write_together(layout, contents)
    notes = _Notes(layout, examples, withdrawn, proofs, stored.values())
    return tuple(
        Arrival(record, id not in stored, tuple(notes.on(record)), signature) for id, record in records.items()
    )


def _refused(
    layout: Layout,
    file: str,
    records: Mapping[str, Record],
    stored: Mapping[str, Record],
    proofs: Mapping[str, Proof],
    now: datetime,
) -> Iterator[Problem]:
    """Yield the problems of records under the address of another, stored or of the bundle, or dated after `now`.

    Also of those whose path would be unsafe or whose commit, if it is known here, has other files, and of machines with
    an id that is not their own, whose page would describe two.
    """
    earlier = {id[:FIRST_ID_DIGITS]: record for id, record in stored.items()}
    for id, record in records.items():
        where = f"records/{id}.json"
        other = earlier.setdefault(id[:FIRST_ID_DIGITS], record)
        if record.sha256 != other.sha256:
            yield store.duplicate_id(layout, file, where, id, other)
        for name, message in dated_in_future(record, now):
            yield Problem(file, 0, f"{where}: {name}", message)
        for path in proofs[id].differing if id in proofs else ():
            yield Problem(file, 0, f"{where}: commit", f"{path} at {record.commit[:12]} is not what was measured")
        try:
            store.check_path(layout, record)
        except StackdocError as error:
            yield from error.problems
    known = {record.machine.id: record.machine for record in stored.values()}
    faults = (*misnamed(records.values(), known), *unnamed(records.values(), known.values()))
    for record, (name, message) in faults:
        yield Problem(file, 0, f"records/{record.id}.json: {name}", message)


class _Notes:
    """What a user should know about the records of a bundle, in sentences."""

    def __init__(
        self,
        layout: Layout,
        examples: Mapping[str, Example],
        withdrawn: Mapping[str, str],
        proofs: Mapping[str, Proof],
        stored: Iterable[Record],
    ) -> None:
        self.withdrawals = layout.collection("withdrawn")
        self.examples, self.withdrawn, self.proofs = examples, withdrawn, proofs
        self.ids: dict[str, set[str]] = defaultdict(set)  # of the machines here, by their class
        for machine in {record.machine for record in stored}:
            self.ids[class_of(machine)].add(machine.id)

    def on(self, record: Record) -> Iterator[str]:
        if why := self.withdrawn.get(record.id):
            yield f"withdrawn by its author on {why[:LONGEST]}; to withdraw it here, add it to {self.withdrawals}"
        if (example := self.examples.get(record.example)) is None:
            yield f"this project has no example {record.example}"
        elif not example.matches(record.digest):
            yield "measured on another version of the example"
        if record.method != (method := method_of(record.device)):
            yield f"measured by {record.method}, not by {method}"
        if record.dirty:
            yield "measured with uncommitted changes"
        elif record.commit:
            yield self._proven(record.commit[:12], self.proofs[record.id])
        ids = self.ids.get(class_of(record.machine), {record.machine.id})
        if record.machine.id not in ids:
            yield f"measured on a machine of the class that has the id {min(ids)} here"

    def _proven(self, commit: str, proof: Proof) -> str:
        if not proof.known:
            return f"unproven: commit {commit} is not known here"
        if proof.missing:
            return f"unproven: commit {commit} does not have {', '.join(proof.missing)}"
        return f"its files are those of commit {commit}"


def _listing(contributions: Iterable[Contribution]) -> bytes:
    """Return the content of the list of contributed records, in the order of their ids."""
    ordered = sorted(contributions, key=lambda contribution: contribution.record)
    return "".join(f"- {json.dumps(asdict(entry), ensure_ascii=False)}\n" for entry in ordered).encode()


def _first(problems: list[Problem], file: str) -> list[Problem]:
    """Return the first problems: a hostile bundle could have any number."""
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
        raise StackdocError(_first(problems, file))


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
