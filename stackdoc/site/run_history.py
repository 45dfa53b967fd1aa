"""What the records of a site show about how one run differs from the next."""

from __future__ import annotations

from stackdoc.site.site import Site, cached
from stackdoc.statistics.between import RunHistory


@cached
def run_history(site: Site) -> RunHistory:
    """Return the history of the project's own records that were not withdrawn."""
    own = (record for _, record in sorted(site.records.items()) if not site.contributor(record))
    return RunHistory(record for record in own if record.id not in site.withdrawn)
