"""Link glossary terms and names of systems in running text, at their first use on a page."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from stackdoc.render.html.element import element, without_backticks
from stackdoc.site.site import Site, cached
from stackdoc.stack.handbook import handbook
from stackdoc.stack.indexes import slug
from stackdoc.stack.systems.table import has_page
from stackdoc.stack.systems.types import System

_SYSTEM = re.compile(r"(?:^|/)systems/([^/]+)\.md$")


@dataclass(frozen=True)
class LinkTarget:
    """Where a word links to: a definition, or the page of a system. An empty address means that it is not linked."""

    address: str
    title: str = ""


def marker(site: Site, source: str = "") -> Callable[[str], list[tuple[int, int, str]]]:
    """Return a function for one page that finds the words to link in a text: start, end, and HTML of each.

    A word is linked once a page. A glossary term that also names a system links to the glossary first, then to the
    system. No system is linked on its own page; `source` is the file of the page.
    """
    targets = _targets(site)
    pattern = _pattern(tuple(targets))
    own_page = _SYSTEM.search(source)
    linked = {f"/systems/{own_page[1]}/"} if own_page else set()

    def mark(text: str) -> list[tuple[int, int, str]]:
        marks = []
        for match in pattern.finditer(text) if targets else ():
            spelling = match[0]
            word = next((candidate for candidate in _spellings(spelling) if candidate in targets), "")
            target = next((candidate for candidate in targets.get(word, ()) if candidate.address not in linked), None)
            if target and target.address:
                linked.add(target.address)
                link = element("a", spelling, class_="sd-term", href=target.address, title=target.title)
                marks.append((*match.span(), str(link)))
        return marks

    return mark


@cached
def _targets(site: Site) -> dict[str, tuple[LinkTarget, ...]]:
    """Return the targets of every word; a name that two systems share is not linked."""
    targets: dict[str, list[LinkTarget]] = defaultdict(list)
    for term in handbook(site).terms.values():
        if not term.everyday:
            targets[term.term].append(LinkTarget(f"/glossary/#term-{slug(term.term)}", term.definition))
    named: dict[str, list[System]] = defaultdict(list)
    for system in handbook(site).systems.values():
        for name in filter(None, system.text_names):
            named[_within_sentence(name)].append(system)
    for name, systems in named.items():
        is_unambiguous = len(systems) == 1 and has_page(site, systems[0])
        targets[name].append(
            LinkTarget(f"/systems/{systems[0].id}/", without_backticks(systems[0].purpose))
            if is_unambiguous
            else LinkTarget("")
        )
    return {word: tuple(meanings) for word, meanings in targets.items()}


def _within_sentence(name: str) -> str:
    """Return a phrase of ordinary words in lower case, as within a sentence, and any other name unchanged."""
    return name[0].lower() + name[1:] if " " in name and name[1:].islower() else name


@lru_cache(maxsize=4)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Match whole words, the longest first, in singular or plural; a lower-case word may begin a sentence."""
    alternatives = (
        f"(?i:{re.escape(word[0])}){re.escape(word[1:])}s?" if word[0].islower() else f"{re.escape(word)}s?"
        for word in sorted(words, key=len, reverse=True)
    )
    return re.compile(rf"(?<![\w/-])(?:{'|'.join(alternatives)})(?![\w/-])")


def _spellings(text: str) -> Iterator[str]:
    for form in (text, text.removesuffix("s")):
        yield from (form, form[:1].lower() + form[1:])
