"""Words of the glossary in running text: the first use on a page leads to what the word means here."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from stackdoc.render.html import element
from stackdoc.render.indexes import slug
from stackdoc.site import Site


def marker(site: Site) -> Callable[[str], list[tuple[int, int, str]]]:
    """A function for one page: where terms stand in a text that none of its earlier texts had, each with its HTML."""
    linked = tuple(term.term for term in site.terms.values() if not term.everyday)
    seen: set[str] = set()

    def found(text: str) -> list[tuple[int, int, str]]:
        places = []
        for match in _pattern(linked).finditer(text) if linked else ():
            said = match[0]
            name = next((one for one in _spellings(said) if one in linked), "")
            if name and name not in seen:
                seen.add(name)
                places.append((*match.span(), _link(site, name, said)))
        return places

    return found


@lru_cache(maxsize=4)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """Whole words, the longest first; the first letter in either case, one or many."""
    words = (f"(?i:{re.escape(name[0])}){re.escape(name[1:])}s?" for name in sorted(names, key=len, reverse=True))
    return re.compile(rf"(?<![\w/-])(?:{'|'.join(words)})(?![\w/-])")


def _spellings(said: str) -> list[str]:
    cases = (said, said[:1].lower() + said[1:])
    return [one.removesuffix(ending) for ending in ("", "s") for one in cases]


def _link(site: Site, name: str, said: str) -> str:
    definition = site.terms[name].definition
    return str(element("a", said, class_="sd-term", href=f"/glossary/#term-{slug(name)}", title=definition))
