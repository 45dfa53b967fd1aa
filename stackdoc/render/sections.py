"""The sections of a page's Markdown, and how they differ from those of an earlier one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

HEADING = re.compile(r"#{1,6} +(?P<title>.+)")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


@dataclass(frozen=True)
class Changes:
    """Which sections of a page are `changed`, `added` and `removed`, by their titles; `kept` is how many are as before.

    A page that no longer exists is `gone`.
    """

    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    kept: int = 0
    gone: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.changed or self.added or self.removed or self.gone)


def changes(before: Mapping[str, str], after: Mapping[str, str] | None) -> Changes:
    """Compare the sections of a page with earlier ones; `after` is None if the page is gone."""
    if after is None:
        return Changes(gone=True)
    both = [title for title in before if title in after]
    return Changes(
        tuple(title for title in both if before[title] != after[title]),
        tuple(title for title in after if title not in before),
        tuple(title for title in before if title not in after),
        sum(before[title] == after[title] for title in both),
    )


def sections(markdown: str, addresses: Iterable[str] = ()) -> dict[str, str]:
    """Return the text of each section by its title; what is above the first heading has an empty one.

    A title that recurs gets a number: `Measured (2)`. A section without text is left out, and so is a block that
    contains one of the `addresses`, the roots of the published site: it is a citation of the page at its revision.
    """
    roots = [address for address in addresses if address]
    texts: dict[str, list[str]] = {"": []}
    seen: Counter[str] = Counter()
    title = ""
    for block in _blocks(markdown):
        if match := HEADING.fullmatch(block):
            name = match["title"].strip()
            seen[name] += 1
            title = name if seen[name] == 1 else f"{name} ({seen[name]})"
            texts[title] = []
        elif not any(root in block for root in roots):
            texts[title].append(block)
    return {title: "\n\n".join(blocks) for title, blocks in texts.items() if blocks}


def _blocks(markdown: str) -> list[str]:
    """Return headings, fenced code and paragraphs; blank lines part them, except within code."""
    blocks: list[list[str]] = [[]]
    fence = ""
    for line in markdown.splitlines():
        marker = FENCE.match(line)
        if fence:
            blocks[-1].append(line)
            if marker and line.strip() == fence:
                fence = ""
                blocks.append([])
        elif marker:
            fence = marker[1]
            blocks.append([line])
        elif HEADING.fullmatch(line):
            blocks += [[line], []]
        elif line.strip():
            blocks[-1].append(line)
        else:
            blocks.append([])
    return ["\n".join(block) for block in blocks if block]
