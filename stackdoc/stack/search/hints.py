"""What the search of the handbook is told: names, questions and weights."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from stackdoc.render.domain import SearchHints
from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook

# Pages that answer come first, then those that explain, then those that list or document. The first match counts.
WEIGHTS: Mapping[tuple[str, str], float] = MappingProxyType(
    {
        ("layers", "claim-"): 1.6,
        ("layers", "decide-"): 2.4,
        ("layers", ""): 2,
        ("glossary", "term-"): 1.8,
        ("systems", ""): 1.3,
        ("crosswalk", ""): 1.3,
        ("guide", ""): 1,
        ("laws", ""): 0.7,
        ("examples", ""): 0.7,
        ("project", ""): 0.5,
        ("", ""): 0.8,
    }
)
LISTINGS = ("alternatives/index.md", "decisions.md", "facts.md", "layers/index.md", "numbers.md", "systems.md")


def search_hints(site: Site) -> SearchHints:
    book = handbook(site)
    also = {question.page: question.asked for question in book.questions}
    for system in book.systems.values():
        page = f"systems/{system.id}.md"
        if system.aliases and system.id in book.system_texts:
            also[page] = (*also.get(page, ()), *system.aliases)
    terms = [(term.term, *term.also) for term in book.terms.values() if term.also]
    return SearchHints(
        synonyms=[*terms, *(group.words for group in book.synonyms)], also=also, weights=WEIGHTS, listings=LISTINGS
    )
