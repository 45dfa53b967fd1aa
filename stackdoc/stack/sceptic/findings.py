"""Apply the rules of `check --sceptic`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stackdoc.errors import Problem
from stackdoc.render.fences.fence import Fence
from stackdoc.render.html.document import count
from stackdoc.site.site import Site
from stackdoc.stack.sceptic import predicates, predictions, sweeps, trust
from stackdoc.stack.sceptic.judged import judged, unjudged


def findings(site: Site, fences: Iterable[Fence]) -> Iterator[Problem]:
    """Yield a problem for each finding in the full records of the default machine and in the fences of the pages."""
    yield from predictions.findings(site)
    yield from predicates.findings(site)
    yield from trust.findings(site)
    yield from sweeps.findings(site, fences)


def notes(site: Site) -> Iterator[str]:
    """Report which records were read and which examples have none."""
    skipped = unjudged(site)
    yield f"a sceptic read {count(len(judged(site)), 'full record')} of {site.default_machine}"
    if skipped:
        listed = f"{count(len(skipped), 'example')}: {', '.join(skipped)}"
        yield f"not judged, without a full record of the current source: {listed}"
