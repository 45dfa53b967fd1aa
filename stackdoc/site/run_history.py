"""What the records of a site show about how one run differs from the next."""

from __future__ import annotations

from stackdoc.site.site import Site, cached
from stackdoc.statistics.between import RunHistory


@cached
def run_history(site: Site) -> RunHistory:
    """Return the history of all records that were not withdrawn."""
    return RunHistory(record for id, record in sorted(site.records.items()) if id not in site.withdrawn)
