"""Which record counts: the one rule of plans, pages, statuses and comparisons. See docs/guide/cite.md."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from stackdoc.model.example import Example
from stackdoc.model.provenance import Contribution, Withdrawal
from stackdoc.model.record import Record

HERE = "here"  # the key of the machine that this checkout measured on; no machine may have it as its id
Place = tuple[str, str, str]  # an example, a machine key and a device: of these, one record counts


def machine_key(record: Record, here: Collection[str]) -> str:
    """HERE when the ledger lists the record, else its machine's id: the same class elsewhere is another machine."""
    return HERE if record.id in here else record.machine.id


def contributor(record: Record, contributed: Mapping[str, Contribution]) -> str:
    """Who measured a record that was handed in, empty for the project's own. Nobody has repeated it."""
    known = contributed.get(record.id)
    return " ".join((known.by if known else record.extra.get("contributor", "")).split())


def withdrawal(record: Record, withdrawn: Mapping[str, Withdrawal]) -> str:
    """When and why a record was withdrawn, in one line (`2026-11-23: The clock was wrong.`); empty if it was not."""
    known = withdrawn.get(record.id)
    return f"{known.date}: {' '.join(known.reason.split())}" if known else ""


def current(records: Iterable[Record], example: Example | None, unverified: Collection[str] = ()) -> Record | None:
    """The one of these records that counts, all of one example, machine and device and none of them withdrawn.

    What the project vouches for counts before what is `unverified`, then the example's present source before
    others, then the newest. So an older record never supersedes a newer one of the same source and standing: a full
    run counts before a quick one only if both began in the same second, and how launches were started does not matter.
    """
    return max(
        records,
        key=lambda record: (
            record.id not in unverified,
            example is not None and example.matches(record.digest),
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
    """The record that counts at each place; `here` are the ids in the ledger, all measured by whoever reads this."""
    places: dict[Place, list[Record]] = defaultdict(list)
    for record in records.values():
        if record.id not in withdrawn:
            places[record.example, machine_key(record, here), record.device].append(record)
    strangers = {record.id for record in records.values() if record.id not in here and contributor(record, contributed)}
    found = ((place, current(together, examples.get(place[0]), strangers)) for place, together in places.items())
    return {place: record for place, record in found if record is not None}
