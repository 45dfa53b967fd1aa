"""The import of a bundle: what is new in it is checked, tried and stored, all of it or nothing."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from stackdoc.errors import Problem, StackdocError
from stackdoc.machine.identity import class_of
from stackdoc.model.example import Example
from stackdoc.model.provenance import Contribution
from stackdoc.model.record import FIRST_ID_DIGITS, Record, method_of
from stackdoc.project import Layout
from stackdoc.records import store
from stackdoc.records.bundle import SIGNATURE, first, unpack
from stackdoc.records.lists import read_contributions
from stackdoc.records.proof import Proof, prove
from stackdoc.records.sanity import dated_in_future, misnamed, unnamed
from stackdoc.records.signatures.signature import UNSIGNED, Signature
from stackdoc.records.signatures.signed import bundle_signature, kept
from stackdoc.records.transaction import alone, write_together

LONGEST = 1000  # characters of a reason that are shown
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
            raise StackdocError(first(problems, file.name))
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
