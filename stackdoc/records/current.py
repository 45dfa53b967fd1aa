"""The rule that decides which record counts, for plans, pages, statuses and comparisons. See docs/guide/cite.md."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from stackdoc.model.example import Example
from stackdoc.model.provenance import Contribution, Withdrawal
from stackdoc.model.record import Record

HERE = "here"  # the key of the machine that this checkout measured on; reserved, so no machine's id
CONTRIBUTED = "~contributed"  # ends the key of a machine as others describe it; no machine's id has a tilde
Place = tuple[str, str, str]  # an example, a machine key and a device; at each place one record counts


def machine_key(record: Record, here: Collection[str], contributed: Mapping[str, Contribution]) -> str:
    """Return HERE if the ledger lists the record, else its machine's id, marked if the record was contributed.

    So a machine of the same class elsewhere is another machine, and a contributed record never takes the place of one
    that the project vouches for: it is shown next to it.
    """
    if record.id in here:
        return HERE
    return record.machine.id + (CONTRIBUTED if contributor(record, contributed) else "")


def contributor(record: Record, contributed: Mapping[str, Contribution]) -> str:
    """Return who contributed a record, which nobody has repeated; empty for the project's own records."""
    contribution = contributed.get(record.id)
    return " ".join((contribution.by if contribution else record.extra.get("contributor", "")).split())


def withdrawal(record: Record, withdrawn: Mapping[str, Withdrawal]) -> str:
    """Return when and why a record was withdrawn (`2026-11-23: The clock was wrong.`); empty if it was not."""
    entry = withdrawn.get(record.id)
    return f"{entry.date}: {' '.join(entry.reason.split())}" if entry else ""


def current(records: Iterable[Record], example: Example | None) -> Record | None:
    """Return the record that counts; `records` are of one example, machine key and device, and none is withdrawn.

    Records of the example's current source precede others, then the newest counts. So an older record never supersedes
    a newer one of the same source: a full run precedes a quick one only if both began in the same second, and how
    launches were started does not matter.
    """
    return max(
        records,
        key=lambda record: (
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
    """Return the record that counts at each place; `here` are the ids of the records measured in this checkout."""
    places: dict[Place, list[Record]] = defaultdict(list)
    for record in records.values():
        if record.id not in withdrawn:
            places[record.example, machine_key(record, here, contributed), record.device].append(record)
    winners = ((place, current(rivals, examples.get(place[0]))) for place, rivals in places.items())
    return {place: record for place, record in winners if record is not None}
