"""The records that a sceptic reads: the full ones of the site's default machine, of the examples as they are now."""

from __future__ import annotations

from stackdoc.render.values.record_view import RecordView, view_of
from stackdoc.site.site import Site, once


@once
def judged(site: Site) -> tuple[RecordView, ...]:
    """The record that counts of each example and device, where it is full and of the present source."""
    places = [(example, device) for example in site.examples.values() for device in example.devices]
    found = [(example, site.current(example.id, site.default_machine, device)) for example, device in places]
    return tuple(
        view_of(site, record)
        for example, record in found
        if record is not None and record.profile == "full" and example.matches(record.digest)
    )


def unjudged(site: Site) -> tuple[str, ...]:
    """The examples without such a record."""
    known = {view.record.example for view in judged(site)}
    return tuple(sorted(set(site.examples) - known))
