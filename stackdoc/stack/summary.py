"""The summary of the handbook that `stackdoc check` prints."""

from __future__ import annotations

from collections.abc import Iterator

from stackdoc.errors import count
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
    guests = f", {count(len(stack.guests), 'guest')} without a vote" if stack.guests else ""
    yield (
        f"{count(len(stack.layers), 'layer')}, {count(len(stack.planes), 'plane')}, {count(len(stack.atoms), 'atom')} "
        f"from {count(len(stack.taxonomies), 'taxonomy', 'taxonomies')} of {count(len(lineages), 'lineage')}{guests}"
    )
    kinds = (f"{len(merged.of_kind(kind))} {words}" for kind, words in KINDS.items())
    yield f"{count(len(merged.pairs), 'pair')}: {', '.join(kinds)}"
    yield (
        f"the order agrees with {count(merged.agreed, 'vote')} and overrules {len(merged.overruled)}; "
        f"equally good: {merged.with_dependencies.count} with the dependencies, "
        f"{merged.votes_alone.count} by votes alone"
    )
    sizes = {"claim": book.claims, "fact": book.facts, "system": book.systems, "term": book.terms}
    yield ", ".join(count(len(entries), noun) for noun, entries in sizes.items())
