"""The machine whose figures a page shows until the reader chooses another."""

from __future__ import annotations

from functools import partial

from stackdoc.errors import Problem, StackdocError, did_you_mean
from stackdoc.records.current import CONTRIBUTED, HERE
from stackdoc.site.site import Site


def first_machine(site: Site, asked: str = "") -> str:
    """Return the machine asked for; else HERE if it has records or no machine has; else the one measured best.

    Raises StackdocError if the machine asked for has no record.
    """
    known = {site.machine_key(record) for record in site.records.values()}
    if asked not in known and asked + CONTRIBUTED in known:
        asked += CONTRIBUTED
    if asked and asked not in {HERE, *known}:
        hint = did_you_mean(asked, [*sorted(known), HERE])
        raise StackdocError([Problem("mkdocs.yml", 0, "default_machine", f"machine {asked!r} has no record", hint)])
    if asked:
        return asked
    own_first = sorted(known, key=lambda key: (key.endswith(CONTRIBUTED), key))
    return HERE if HERE in known or not known else max(own_first, key=partial(measured_well, site))


def measured_well(site: Site, machine: str) -> tuple[int, int]:
    """Return how many examples have a full record of their current source on the machine, and how many have any.

    Contributed records do not count, so that no bundle can decide whose figures are shown first.
    """
    records = [site.current(id, machine, device) for id, example in site.examples.items() for device in example.devices]
    own = [record for record in records if record is not None and not site.contributor(record)]
    fresh = [record for record in own if site.examples[record.example].matches(record.digest, record.closure)]
    full = {record.example for record in fresh if record.profile == "full"}
    return len(full), len({record.example for record in fresh})
