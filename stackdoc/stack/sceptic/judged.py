"""The records that a sceptic reads: full ones of the default machine, of the current source of each example."""

from __future__ import annotations

from stackdoc.render.values.record_view import RecordView, view_of
from stackdoc.site.site import Site, cached


@cached
def judged(site: Site) -> tuple[RecordView, ...]:
    """Return the current record of each example and device, if it is full and matches the source."""
    devices = [(example, device) for example in site.examples.values() for device in example.devices]
    records = [(example, site.current(example.id, site.default_machine, device)) for example, device in devices]
    return tuple(
        view_of(site, record)
        for example, record in records
        if record is not None and record.profile == "full" and example.matches(record.digest)
    )


def unjudged(site: Site) -> tuple[str, ...]:
    """Return the ids of the examples without such a record."""
    known = {view.record.example for view in judged(site)}
    return tuple(sorted(set(site.examples) - known))
