"""Which records are signed: by the signature of the list of vouched records, or of the bundle in which they came.

The signed manifest of an imported bundle stays in `docs/data/signatures/`, under the time of its import, which is when
its key had to be valid. So pages depend on no clock.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from stackdoc.errors import Problem, StackdocError
from stackdoc.model.record import Record
from stackdoc.project import Layout
from stackdoc.records.signatures.known_signatures import KnownSignatures
from stackdoc.records.signatures.signature import BUNDLE, MAXIMUM_BYTES, PROJECT, UNSIGNED, Signature, checked
from stackdoc.records.store import record_path
from stackdoc.records.vouched import read_vouched

NAME = re.compile(r"(?P<at>\d{8}T\d{6}Z)-(?P<digest>[0-9a-f]{16})\.json")
TIME = "%Y%m%dT%H%M%S%z"
ALLOWED_BYTES = 1 << 20
LIST_BYTES = MANIFEST_BYTES = 32 << 20
BEST_FIRST = ("signed by a known key", "signed by an unknown key", "signature not checked", "signature broken")
BROKEN = "remove the signature, or restore what was signed"


class Statement(NamedTuple):
    """A bundle's manifest as it was signed."""

    manifest: bytes
    signature: bytes


class StoredStatement(NamedTuple):
    """A signed manifest in a `file` of the repository.

    It was imported `at` that time, or so its name states. `covered` has the SHA-256 of the files of its records by
    their ids.
    """

    file: str
    statement: Statement
    at: datetime
    covered: Mapping[str, str]


def read_signatures(
    layout: Layout, problems: list[Problem], records: Mapping[str, Record], *, is_build: bool = False
) -> dict[str, Signature]:
    """Return the signatures by the id of their record; records without one have no entry.

    A broken signature is a problem. A build trusts what was checked earlier in this checkout.
    """
    signatures: dict[str, Signature] = {}
    known, allowed = KnownSignatures(layout.root, is_stored=is_build), allowed_signers(layout, [])
    for stored in stored_statements(layout, problems):
        signature = known.checked(*stored.statement, allowed, BUNDLE, stored.at)
        if signature.state == "signature broken":
            problems.append(Problem(stored.file, 0, "", str(signature), BROKEN))
        for id in _intact(layout, records, stored.covered):
            signatures[id] = min(signature, signatures.get(id, signature), key=_rank)
    if (layout / layout.vouched_signature).exists():
        vouched = read_vouched(layout, []) or frozenset()
        listed = {id: record.measured_at for id, record in records.items() if record.sha256 in vouched}
        newest = datetime.fromisoformat(max(listed.values(), default="1970-01-01T00:00:00Z"))
        signature = vouched_signature(layout, newest, problems, known)
        if signature.state == "signature broken":
            problems.append(Problem(layout.vouched, 0, "", str(signature), BROKEN))
        signatures |= dict.fromkeys(listed, signature)
    known.save()
    return signatures


def vouched_signature(
    layout: Layout, at: datetime, problems: list[Problem], known: KnownSignatures | None = None
) -> Signature:
    """Return the signature of the list of vouched records, made with a key that was valid `at` that time."""
    if not (layout / layout.vouched_signature).exists():
        return UNSIGNED
    signature = _content(layout, layout.vouched_signature, MAXIMUM_BYTES, problems)
    content = _content(layout, layout.vouched, LIST_BYTES, problems)
    check = known.checked if known else checked
    return check(content, signature, allowed_signers(layout, problems), PROJECT, at)


def signature_problems(layout: Layout, now: datetime) -> list[Problem]:
    """Return the problem of a list of vouched records that no allowed signer has signed with a key valid `now`.

    A project without allowed signers need not sign its list.
    """
    problems: list[Problem] = []
    if not (layout / layout.allowed_signers).exists() or not (layout / layout.vouched).exists():
        return problems
    signature = vouched_signature(layout, now, problems)
    if signature.state in ("not signed", "signed by an unknown key"):
        message = f"{signature}, but {layout.allowed_signers} lists who may sign it"
        problems.append(Problem(layout.vouched, 0, "", message, "run `stackdoc records --vouch --sign KEY`"))
    return problems


def allowed_signers(layout: Layout, problems: list[Problem]) -> bytes:
    """Return the file of allowed signers, empty if there is none."""
    if not (layout / layout.allowed_signers).exists():
        return b""
    content = _content(layout, layout.allowed_signers, ALLOWED_BYTES, problems)
    if len(content) > ALLOWED_BYTES:
        problems.append(Problem(layout.allowed_signers, 0, "", f"is larger than {ALLOWED_BYTES >> 20} MiB"))
    return content


def bundle_signature(layout: Layout, statement: Statement | None, now: datetime) -> Signature:
    """Return the signature of a bundle that arrives `now`. Raises StackdocError for unreadable allowed signers."""
    if statement is None:
        return UNSIGNED
    problems: list[Problem] = []
    allowed = allowed_signers(layout, problems)
    if problems:
        raise StackdocError(problems)
    return checked(*statement, allowed, BUNDLE, now)


def kept(layout: Layout, statement: Statement, now: datetime) -> dict[Path, bytes]:
    """Return the files to write, so that what was signed is stored; none if it is stored already."""
    digest = hashlib.sha256(b"".join(statement)).hexdigest()[:16]
    if any((layout / layout.signatures).glob(f"*-{digest}.json")):
        return {}
    path = Path(layout.signatures, f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{digest}.json")
    return {path: statement.manifest, path.with_name(f"{path.name}.sig"): statement.signature}


def stored_statements(layout: Layout, problems: list[Problem]) -> Iterator[StoredStatement]:
    """Yield the signed manifests of imported bundles, oldest first. Other files of that kind are problems."""
    for path in sorted((layout / layout.signatures).glob("*.json")):
        file = f"{layout.signatures}/{path.name}"
        content = _content(layout, file, MANIFEST_BYTES, problems)
        signature = _content(layout, f"{file}.sig", MAXIMUM_BYTES, problems)
        match, digest = NAME.fullmatch(path.name), hashlib.sha256(content + signature).hexdigest()[:16]
        covered, at = _covered(content), _time(match["at"]) if match else None
        if match is None or at is None or covered is None or digest != match["digest"]:
            problems.append(Problem(file, 0, "", "is not the signed manifest of an imported bundle", "remove it"))
        else:
            yield StoredStatement(file, Statement(content, signature), at, covered)


def is_statement(layout: Layout, path: str) -> bool:
    """Whether the path, relative to the root, is that of a signed manifest or of its signature."""
    folder, _, name = path.rpartition("/")
    return folder == layout.signatures and NAME.fullmatch(name.removesuffix(".sig")) is not None


def _covered(manifest: bytes) -> dict[str, str] | None:
    try:
        records = json.loads(manifest)["records"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return None
    return records if isinstance(records, dict) and all(isinstance(it, str) for it in records.values()) else None


def _time(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, TIME)
    except ValueError:
        return None


def _intact(layout: Layout, records: Mapping[str, Record], covered: Mapping[str, str]) -> Iterator[str]:
    """Yield the ids of those records whose files are those that were signed."""
    for id in covered.keys() & records.keys():
        content = (layout / record_path(layout, records[id])).read_bytes()
        if hashlib.sha256(content).hexdigest() == covered[id]:
            yield id


def _rank(signature: Signature) -> int:
    return BEST_FIRST.index(signature.state) if signature.state in BEST_FIRST else len(BEST_FIRST)


def _content(layout: Layout, file: str, most_bytes: int, problems: list[Problem]) -> bytes:
    """Return the content of a file, but only one byte more than `most_bytes` of a larger one."""
    try:
        if not (layout / file).is_file():
            raise FileNotFoundError(2, "not a file")
        with (layout / file).open("rb") as stream:
            return stream.read(most_bytes + 1)
    except OSError as error:
        problems.append(Problem(file, 0, "", f"can't be read: {error.strerror}"))
        return b""
