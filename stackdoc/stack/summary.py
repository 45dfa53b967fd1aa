"""What a check says of the handbook that it has read."""

from __future__ import annotations

from collections.abc import Iterator

from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook
from stackdoc.stack.merge.merge import merge
from stackdoc.stack.merge.votes import Kind

KINDS: dict[Kind, str] = {
    "unanimous": "unanimous",
    "one": "by one lineage",
    "same": "always in one layer",
    "never": "never compared",
    "split": "split and ruled on",
}


def summary(site: Site) -> Iterator[str]:
    """The stack, its pairs and its order, and how many of each collection there are."""
    known = handbook(site)
    stack, merged = known.stack, merge(known.stack)
    lineages = {taxonomy.source.lineage for taxonomy in stack.taxonomies}
    yield (
        f"{len(stack.layers)} layers, {len(stack.planes)} planes, {len(stack.atoms)} atoms "
        f"from {len(stack.taxonomies)} taxonomies of {len(lineages)} lineages"
    )
    classes = (f"{len(merged.of_kind(kind))} {words}" for kind, words in KINDS.items())
    yield f"{len(merged.pairs)} pairs: {', '.join(classes)}"
    yield (
        f"the order agrees with {merged.agreed} votes and overrules {len(merged.overruled)}; "
        f"equally good: {merged.settled.count} with the dependencies, {merged.voted.count} by votes alone"
    )
    yield (
        f"{len(known.claims)} claims, {len(known.facts)} facts, {len(known.systems)} systems, {len(known.terms)} terms"
    )
