"""The navigation: `layers/*` in mkdocs.yml means every page of that directory, in the domain's order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

PAGES = (".md", ".ipynb")


def expand(nav: Any, paths: Sequence[str], rank: Mapping[str, int], prefix: str = "") -> Any:
    """Return the navigation with each `directory/*` below `prefix` replaced by the pages of that directory.

    Pages that the navigation names itself are left out of it. An entry without pages stays, and MkDocs reports it.
    """
    named = set(_named(nav))
    return _expanded(nav, [path for path in paths if path not in named], rank, prefix)


def _named(nav: Any) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    for entry in nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else ():
        yield from _named(entry)


def _expanded(nav: Any, paths: Sequence[str], rank: Mapping[str, int], prefix: str) -> Any:
    if isinstance(nav, dict):
        return {title: _expanded(entry, paths, rank, prefix) for title, entry in nav.items()}
    if not isinstance(nav, list):
        return nav
    entries: list[Any] = []
    for entry in nav:
        if isinstance(entry, str) and entry.endswith("/*") and entry.startswith(prefix):
            entries += below(entry[:-1], paths, rank) or [entry]
        else:
            entries.append(_expanded(entry, paths, rank, prefix))
    return entries


def below(directory: str, paths: Sequence[str], rank: Mapping[str, int]) -> list[str]:
    """Return the pages below `directory/`: its index first, then by the rank of any part of the path, then by name."""

    def order(path: str) -> tuple[bool, int, str]:
        parts = PurePosixPath(path.removeprefix(directory)).with_suffix("").parts
        known = min((rank[part] for part in parts if part in rank), default=len(rank))
        return (path != f"{directory}index.md", known, path)

    return sorted({path for path in paths if path.startswith(directory) and path.endswith(PAGES)}, key=order)
