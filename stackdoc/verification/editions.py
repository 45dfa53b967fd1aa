"""Checks the links of a passage into editions: the edition must be one of this site and have the page."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stackdoc.errors import did_you_mean
from stackdoc.site.site import Site
from stackdoc.verification.finding import Finding

LETTER = r"[^\s\"'<>()\[\]{}|\\^`*#?]"
LINK = re.compile(
    rf"(?P<root>(?:https?://{LETTER}{{1,200}}?)?/)v/(?P<name>[0-9a-z][0-9a-z.-]{{0,60}})/(?P<path>{LETTER}{{0,300}})"
)
RECORD = re.compile(r"r/[0-9a-fA-F]{8,64}(/.*|\.[a-z.]+)?")


def edition_findings(site: Site, text: str, name: str, line: int) -> Iterator[Finding]:
    """Yield a finding for each link into an edition, except links to records in it, which are checked as records.

    Links to other sites are ignored. A link without a host counts if the site has an edition of that name.
    """
    editions = {edition.name: edition for edition in site.editions}
    for match in LINK.finditer(text):
        edition = editions.get(match["name"])
        root, path = match["root"], match["path"].rstrip(".,;:!?")
        is_ours = root == site.address if "://" in root else edition is not None
        if not is_ours:
            continue
        id = f"v/{match['name']}/{path}"
        if edition is None:
            hint = did_you_mean(match["name"], editions) or "the site has no editions"
            yield Finding(name, line, id, "unknown", notes=(f"no edition of this site; {hint}",), noun="page")
        elif path and not edition.has(path):
            yield Finding(name, line, id, "unknown", notes=("the edition has no such page",), noun="page")
        elif not RECORD.fullmatch(path.removeprefix(site.layout.prefix)):
            since = f"{site.address}editions/{edition.name}/ shows what has changed since"
            yield Finding(name, line, id, "genuine", notes=(f"as it was on {edition.date}; {since}",), noun="page")
