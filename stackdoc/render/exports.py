"""Exports for programs: the records with their figures, and the files of the domain."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

from stackdoc.model.record import Record
from stackdoc.records.current import withdrawal
from stackdoc.render import feed
from stackdoc.render.domain import domain
from stackdoc.render.values.record_view import figure_of, items, main_quantity, record_path, view_of
from stackdoc.site.site import Site

RECORDS = "stackdoc.records/1"


def files(site: Site, address: str = "") -> dict[str, bytes]:
    """Return every export by its path below the site; `address` is the published root.

    Raises StackdocError when a library that one of them needs is not installed.
    """
    subscribed = {feed.PATH: feed.feed(site)} if address else {}
    return {"data/records.json": encoded(records(site)), **subscribed, **domain(site).exports(site, address)}


def encoded(data: object) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def records(site: Site) -> dict[str, Any]:
    """Return every record with its address and the main figure of each of its points."""
    ordered = sorted(site.records.values(), key=lambda record: (record.example, record.measured_at, record.id))
    return {"schema": RECORDS, "records": [_record(site, record) for record in ordered]}


def _record(site: Site, record: Record) -> dict[str, Any]:
    return {
        "id": record.id,
        "sha256": record.sha256,
        "address": record_path(record.id),
        "example": record.example,
        "machine": record.machine.id,
        "device": record.device,
        "profile": record.profile,
        "measured_at": record.measured_at,
        "method": record.method,
        "digest": record.digest,
        "withdrawn": withdrawal(record, site.withdrawn),
        "signature": dataclasses.asdict(site.signature(record)),
        "figures": list(_figures(site, record)),
    }


def _figures(site: Site, record: Record) -> Iterator[dict[str, Any]]:
    view = view_of(site, record)
    for point in items(record):
        if figure := figure_of(view, point.key):
            yield {"point": point.key, "quantity": main_quantity(point), **dataclasses.asdict(figure)}
