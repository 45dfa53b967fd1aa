"""The rule that decides which record counts, for plans, pages, statuses and comparisons. See docs/guide/cite.md."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from stackdoc.model.example import Example
from stackdoc.model.provenance import Contribution, Withdrawal
from stackdoc.model.record import Record

HERE = "here"  # the key of the machine that this checkout measured on; reserved, so no machine's id
Place = tuple[str, str, str]  # an example, a machine key and a device; at each place one record counts


def machine_key(record: Record, here: Collection[str]) -> str:
    """Return HERE if the ledger lists the record, else its machine's id.

    So a machine of the same class elsewhere is another machine.
    """
    return HERE if record.id in here else record.machine.id


def contributor(record: Record, contributed: Mapping[str, Contribution]) -> str:
    """Return who contributed a record, which nobody has repeated; empty for the project's own records."""
    contribution = contributed.get(record.id)
    return " ".join((contribution.by if contribution else record.extra.get("contributor", "")).split())


def withdrawal(record: Record, withdrawn: Mapping[str, Withdrawal]) -> str:
    """Return when and why a record was withdrawn (`2026-11-23: The clock was wrong.`); empty if it was not."""
    entry = withdrawn.get(record.id)
    return f"{entry.date}: {' '.join(entry.reason.split())}" if entry else ""


def current(records: Iterable[Record], example: Example | None, unverified: Collection[str] = ()) -> Record | None:
    """Return the record that counts; `records` are of one example, machine and device, and none is withdrawn.

    The project's own records precede `unverified` ones, then those of the example's current source precede others,
    then the newest counts. So an older record never supersedes a newer one of the same source and origin: a full run
    precedes a quick one only if both began in the same second, and how launches were started does not matter.
    """
    return max(
        records,
        key=lambda record: (
            record.id not in unverified,
            example is not None and example.matches(record.digest, record.closure),
            record.measured_at,
            record.profile == "full",
            record.id,
        ),
        default=None,
    )


def current_records(
    records: Mapping[str, Record],
    examples: Mapping[str, Example],
    here: Collection[str],
    withdrawn: Collection[str],
    contributed: Mapping[str, Contribution],
) -> dict[Place, Record]:
    """Return the record that counts at each place; `here` are the ids in the ledger, which need no verification."""
    places: dict[Place, list[Record]] = defaultdict(list)
    for record in records.values():
        if record.id not in withdrawn:
            places[record.example, machine_key(record, here), record.device].append(record)
    foreign = {record.id for record in records.values() if record.id not in here and contributor(record, contributed)}
    winners = ((place, current(rivals, examples.get(place[0]), foreign)) for place, rivals in places.items())
    return {place: record for place, record in winners if record is not None}
