"""Records of one machine in a single file, for a machine that can't publish; and their way into another checkout.

A bundle is a zip archive with `manifest.json` and `records/<id>.json`, the same bytes for the same records.
Nothing of it is trusted: every record must be what its id says, and no name in the archive becomes a path.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from stackdoc.errors import Problem, StackdocError, printable
from stackdoc.files import write_atomically
from stackdoc.model.example import Example
from stackdoc.model.provenance import Contribution, Withdrawal
from stackdoc.model.record import Record, method_of
from stackdoc.project import Layout
from stackdoc.records import store
from stackdoc.records.current import withdrawal
from stackdoc.records.lists import read_contributions
from stackdoc.records.sanity import yet_to_come

SCHEMA = "stackdoc.bundle/1"
MANIFEST = "manifest.json"
ENTRY = re.compile(r"records/([0-9a-f]{12})\.json")
MOST_RECORDS = 1000
MAXIMUM_BYTES = 256 << 20  # unpacked
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # of every entry: the archive tells no time
LONGEST_LINE = 200  # characters of a name


@dataclass(frozen=True)
class Arrival:
    """One record of a bundle: `new` when it was not here before, `notes` say what to know of it."""

    record: Record
    new: bool
    notes: tuple[str, ...]


def packed(records: Iterable[Record], by: str, contact: str = "", withdrawn: Mapping[str, Withdrawal] = {}) -> bytes:
    """The bundle of the records, in the order of their ids. Raises StackdocError without a name.

    The manifest says which of them were withdrawn, and why; a reader of before passes over that.
    """
    if not by.strip() or not _is_line(by) or not _is_line(contact):
        raise StackdocError([Problem("bundle", 0, "by", "needs a name of one line, 200 characters at most")])
    given = sorted(records, key=lambda one: one.id)
    contents = {record.id: store.content_of(record) for record in given}
    manifest: dict[str, object] = {
        "schema": SCHEMA,
        "by": by.strip(),
        "contact": contact.strip(),
        "records": {id: hashlib.sha256(content).hexdigest() for id, content in contents.items()},
    }
    if reasons := {record.id: why for record in given if (why := withdrawal(record, withdrawn))}:
        manifest["withdrawn"] = reasons
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as bundle:
        entries = {MANIFEST: json.dumps(manifest, indent=1, ensure_ascii=False).encode() + b"\n"}
        entries |= {f"records/{id}.json": content for id, content in contents.items()}
        for name, content in entries.items():
            entry = zipfile.ZipInfo(name, LONG_AGO)
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            bundle.writestr(entry, content)
    return archive.getvalue()


def _is_line(text: str) -> bool:
    """Whether it is one line that every file and page can hold."""
    return len(text) <= LONGEST_LINE and printable(text) == text


def unpacked(file: Path) -> tuple[Contribution, dict[str, Record], dict[str, str]]:
    """Who made the records (`record` empty); the records by id, each proven to be what its id says; and when and why
    some were withdrawn.

    Raises StackdocError with all that is wrong: a truncated or foreign archive, entries of other names, content
    that is not that of the manifest, records that are edited, of an unknown schema or too large.
    """
    problems: list[Problem] = []
    contents = _contents(file)
    manifest = _manifest(file.name, contents.pop(MANIFEST, b""))
    hashes: dict[str, str] = manifest["records"]
    missing = sorted(hashes.keys() - {_id(name) for name in contents})
    problems += [Problem(file.name, 0, f"records/{id}.json", "is missing") for id in missing]
    records: dict[str, Record] = {}
    for name, content in contents.items():
        if hashes.get(_id(name)) != hashlib.sha256(content).hexdigest():
            problems.append(Problem(file.name, 0, name, "is not what the manifest says"))
            continue
        try:
            records[_id(name)] = store.parse(content, f"{file.name}: {name}", _id(name))
        except StackdocError as error:
            problems += error.problems
    if problems:
        raise StackdocError(problems)
    return Contribution("", manifest["by"], manifest["contact"]), records, manifest["withdrawn"]


def take_in(layout: Layout, file: Path, examples: Mapping[str, Example], now: datetime) -> tuple[Arrival, ...]:
    """Stores the records of a bundle that are not here yet and notes who contributed them; the ledger stays.

    All or none is stored. A record that is here already stays as it is, whoever measured it; one that merely has the
    id of another is refused, and so is one dated after `now`. Raises StackdocError.
    """
    contributor, records, withdrawn = unpacked(file)
    problems: list[Problem] = []
    stored = store.read_all(layout, problems)
    contributed = read_contributions(layout, problems)
    problems += _refused(layout, file.name, records, stored, now)
    if problems:
        raise StackdocError(problems)
    arrivals = tuple(
        Arrival(record, id not in stored, tuple(_notes(record, examples.get(record.example), withdrawn.get(id, ""))))
        for id, record in records.items()
    )
    new = [one.record for one in arrivals if one.new]
    for record in new:
        store.check_place(layout, record)
    entries = [Contribution(one.id, contributor.by, contributor.contact) for one in new]
    _note(layout, [*contributed.values(), *(one for one in entries if one.record not in contributed)])
    for record in new:
        store.write(layout, record)
    return arrivals


def _refused(
    layout: Layout, file: str, records: Mapping[str, Record], stored: Mapping[str, Record], now: datetime
) -> Iterator[Problem]:
    """Problems of records that have the id of another stored one, or are dated after `now`."""
    for id, record in records.items():
        where = f"records/{id}.json"
        if id in stored and store.content_of(record) != store.content_of(stored[id]):
            yield store.twin(layout, file, where, stored[id])
        for name, message in yet_to_come(record, now):
            yield Problem(file, 0, f"{where}: {name}", message)


def _notes(record: Record, example: Example | None, withdrawn: str) -> Iterator[str]:
    if withdrawn:
        yield f"withdrawn by who measured it on {withdrawn}; to withdraw it here, add it to docs/data/withdrawn.yml"
    if example is None:
        yield f"there is no example {record.example} here"
    elif not example.matches(record.digest):
        yield "measured on another version of the example"
    if record.method != (method := method_of(record.device)):
        yield f"measured by {record.method}, not by {method}"
    if record.dirty:
        yield "measured with changes that were not committed"


def _note(layout: Layout, contributions: Iterable[Contribution]) -> None:
    """The list of contributions, written anew. An entry without its record is none, so it is written first."""
    given = sorted(contributions, key=lambda one: one.record)
    lines = [f"- {json.dumps(asdict(one), ensure_ascii=False)}\n" for one in given]
    if lines:
        write_atomically(layout / layout.collection("contributed"), "".join(lines).encode())


def _contents(file: Path) -> dict[str, bytes]:
    """Every entry by name, unpacked in memory up to the limits. Raises StackdocError."""
    try:
        with zipfile.ZipFile(file) as bundle:
            entries = bundle.infolist()
            _refuse_names(file.name, [entry.filename for entry in entries])
            left = MAXIMUM_BYTES
            contents = {}
            for entry in entries:
                with bundle.open(entry) as stream:
                    content = stream.read(min(left, store.MAXIMUM_BYTES) + 1)
                left -= len(content)
                if left < 0 or len(content) > store.MAXIMUM_BYTES:
                    raise StackdocError([Problem(file.name, 0, entry.filename, "is larger than a bundle may hold")])
                contents[entry.filename] = content
            return contents
    except OSError as error:
        raise StackdocError([Problem(file.name, 0, "", f"can't be read: {error.strerror or error}")]) from None
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, zlib.error) as error:
        raise StackdocError([Problem(file.name, 0, "", f"is no whole bundle ({error})")]) from None


def _refuse_names(file: str, names: list[str]) -> None:
    problems = [
        Problem(file, 0, repr(name[:100]), "is no entry of a bundle")
        for name in names
        if name != MANIFEST and not ENTRY.fullmatch(name)
    ]
    problems += [Problem(file, 0, name, "stands twice") for name in set(names) if names.count(name) > 1]
    if len(names) > MOST_RECORDS + 1:
        problems = [Problem(file, 0, "", f"has more than {MOST_RECORDS} records")]
    if MANIFEST not in names:
        problems.append(Problem(file, 0, "", f"has no {MANIFEST}", "make it by `stackdoc bundle export`"))
    if problems:
        raise StackdocError(problems)


def _manifest(file: str, content: bytes) -> dict[str, Any]:
    """The manifest, every field of its type; older ones say nothing of withdrawals. Raises StackdocError."""
    try:
        manifest = json.loads(content)
    except (ValueError, RecursionError):
        manifest = None
    if not isinstance(manifest, dict) or manifest.get("schema") != SCHEMA:
        found = manifest.get("schema") if isinstance(manifest, dict) else None
        raise StackdocError([Problem(file, 0, MANIFEST, f"has the schema {found!r}; {SCHEMA!r} is read")])
    by, contact, records = (manifest.get(name) for name in ("by", "contact", "records"))
    texts = isinstance(by, str) and isinstance(contact, str) and _is_line(by) and _is_line(contact)
    if not texts or not str(by).strip() or not isinstance(records, dict):
        raise StackdocError([Problem(file, 0, MANIFEST, "does not say who measured which records")])
    withdrawn = manifest.setdefault("withdrawn", {})
    if not isinstance(withdrawn, dict) or not all(isinstance(why, str) for why in withdrawn.values()):
        raise StackdocError([Problem(file, 0, MANIFEST, "does not say why records were withdrawn")])
    return manifest


def _id(name: str) -> str:
    found = ENTRY.fullmatch(name)
    return found[1] if found else ""
