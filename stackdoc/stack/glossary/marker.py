"""Words of the glossary and names of systems in running text: the first use on a page leads to what is said of it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from stackdoc.render.html.element import element, without_backticks
from stackdoc.site.site import Site, once
from stackdoc.stack.facts.indexes import slug
from stackdoc.stack.handbook import handbook
from stackdoc.stack.systems.table import has_page
from stackdoc.stack.systems.types import System

_SYSTEM = re.compile(r"(?:^|/)systems/([^/]+)\.md$")


@dataclass(frozen=True)
class Meant:
    """What a word may lead to: a definition, or the page of a system. One of no address is a name and leads nowhere."""

    address: str
    title: str = ""


def marker(site: Site, source: str = "") -> Callable[[str], list[tuple[int, int, str]]]:
    """A function for one page: where words stand in a text that none of its earlier texts had, each with its HTML.

    A word of the glossary that is a system's name too leads to the glossary first, then to the system. No system is
    linked on its own page, which the file `source` tells.
    """
    meanings = _meanings(site)
    pattern = _pattern(tuple(meanings))
    own = _SYSTEM.search(source)
    seen = {f"/systems/{own[1]}/"} if own else set()

    def found(text: str) -> list[tuple[int, int, str]]:
        places = []
        for match in pattern.finditer(text) if meanings else ():
            said = match[0]
            word = next((one for one in _spellings(said) if one in meanings), "")
            meant = next((one for one in meanings.get(word, ()) if one.address not in seen), None)
            if meant and meant.address:
                seen.add(meant.address)
                link = element("a", said, class_="sd-term", href=meant.address, title=meant.title)
                places.append((*match.span(), str(link)))
        return places

    return found


@once
def _meanings(site: Site) -> dict[str, tuple[Meant, ...]]:
    """Every word that is looked for; a name that two systems share leads to neither."""
    found: dict[str, list[Meant]] = defaultdict(list)
    for term in handbook(site).terms.values():
        if not term.everyday:
            found[term.term].append(Meant(f"/glossary/#term-{slug(term.term)}", term.definition))
    named: dict[str, list[System]] = defaultdict(list)
    for system in handbook(site).systems.values():
        for name in filter(None, system.said):
            named[_plain(name)].append(system)
    for name, systems in named.items():
        clear = len(systems) == 1 and has_page(site, systems[0])
        found[name].append(
            Meant(f"/systems/{systems[0].id}/", without_backticks(systems[0].purpose)) if clear else Meant("")
        )
    return {word: tuple(meant) for word, meant in found.items()}


def _plain(name: str) -> str:
    """A phrase of ordinary words as it stands within a sentence; any other name as it is written."""
    return name[0].lower() + name[1:] if " " in name and name[1:].islower() else name


@lru_cache(maxsize=4)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Whole words, the longest first, one or many; one that begins with a small letter may begin a sentence."""
    spelt = (
        f"(?i:{re.escape(word[0])}){re.escape(word[1:])}s?" if word[0].islower() else f"{re.escape(word)}s?"
        for word in sorted(words, key=len, reverse=True)
    )
    return re.compile(rf"(?<![\w/-])(?:{'|'.join(spelt)})(?![\w/-])")


def _spellings(said: str) -> Iterator[str]:
    for one in (said, said.removesuffix("s")):
        yield from (one, one[:1].lower() + one[1:])
