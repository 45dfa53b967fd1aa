"""Which examples are measured first: those that decide claims, then those whose numbers are in the text."""

from __future__ import annotations

import re

from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook

MEASURED_ROLE = re.compile(r"\{measured\}`\s*(\S+)")


def priorities(site: Site) -> dict[str, int]:
    """Return 0 for each example that a claim's predicate names, 1 for each that a page's text gives a number of."""
    pages = sorted((site.layout / site.layout.docs).rglob("*.md"))
    in_text = {name for page in pages for name in MEASURED_ROLE.findall(page.read_text("utf-8", "replace"))}
    decisive = {claim.predicate.example for claim in handbook(site).claims.values() if claim.predicate}
    return dict.fromkeys(in_text, 1) | dict.fromkeys(decisive, 0)
