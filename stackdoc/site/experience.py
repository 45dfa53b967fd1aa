"""What all records of the site tell of how one run differs from the next."""

from __future__ import annotations

from stackdoc.site.site import Site, once
from stackdoc.statistics.between import Experience


@once
def experience(site: Site) -> Experience:
    """Of every record that was not withdrawn."""
    return Experience(record for id, record in sorted(site.records.items()) if id not in site.withdrawn)
