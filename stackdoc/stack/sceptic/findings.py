"""All that a sceptic finds, rule by rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stackdoc.errors import Problem
from stackdoc.render.fences.fence import Fence
from stackdoc.render.html.document import count
from stackdoc.site.site import Site
from stackdoc.stack.sceptic import lines, predicates, predictions, voices
from stackdoc.stack.sceptic.reference import judged, unjudged


def findings(site: Site, fences: Iterable[Fence]) -> Iterator[Problem]:
    """A problem a finding, over the full records of the site's default machine and the fences of its pages."""
    yield from predictions.findings(site)
    yield from predicates.findings(site)
    yield from voices.findings(site)
    yield from lines.findings(site, fences)


def notes(site: Site) -> Iterator[str]:
    """What it could and could not judge."""
    left = unjudged(site)
    yield f"a sceptic read {count(len(judged(site)), 'full record')} of {site.default_machine}"
    if left:
        words = f"{count(len(left), 'example')}: {', '.join(left)}"
        yield f"not judged, for want of a full record of the present source: {words}"
