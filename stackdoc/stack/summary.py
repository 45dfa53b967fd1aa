"""The summary of the handbook that `stackdoc check` prints."""

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
    """Summarise the stack, its pairs, its order and the size of each collection."""
    book = handbook(site)
    stack, merged = book.stack, merge(book.stack)
    lineages = {taxonomy.source.lineage for taxonomy in stack.taxonomies}
    guests = f", {len(stack.guests)} guests without a vote" if stack.guests else ""
    yield (
        f"{len(stack.layers)} layers, {len(stack.planes)} planes, {len(stack.atoms)} atoms "
        f"from {len(stack.taxonomies)} taxonomies of {len(lineages)} lineages{guests}"
    )
    kinds = (f"{len(merged.of_kind(kind))} {words}" for kind, words in KINDS.items())
    yield f"{len(merged.pairs)} pairs: {', '.join(kinds)}"
    yield (
        f"the order agrees with {merged.agreed} votes and overrules {len(merged.overruled)}; "
        f"equally good: {merged.with_dependencies.count} with the dependencies, "
        f"{merged.votes_alone.count} by votes alone"
    )
    yield (f"{len(book.claims)} claims, {len(book.facts)} facts, {len(book.systems)} systems, {len(book.terms)} terms")
