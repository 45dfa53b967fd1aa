"""The navigation: `layers/*` in mkdocs.yml means every page of that directory, in the domain's order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

PAGES = (".md", ".ipynb")


def expand(nav: Any, paths: Sequence[str], rank: Mapping[str, int], prefix: str = "") -> Any:
    """Return the navigation with each `directory/*` below `prefix` replaced by the pages of that directory.

    An entry without pages stays, and MkDocs reports it.
    """
    if isinstance(nav, dict):
        return {title: expand(entry, paths, rank, prefix) for title, entry in nav.items()}
    if not isinstance(nav, list):
        return nav
    entries: list[Any] = []
    for entry in nav:
        if isinstance(entry, str) and entry.endswith("/*") and entry.startswith(prefix):
            entries += below(entry[:-1], paths, rank) or [entry]
        else:
            entries.append(expand(entry, paths, rank, prefix))
    return entries


def below(directory: str, paths: Sequence[str], rank: Mapping[str, int]) -> list[str]:
    """Return the pages below `directory/`: its index first, then by the rank of any part of the path, then by name."""

    def order(path: str) -> tuple[bool, int, str]:
        parts = PurePosixPath(path.removeprefix(directory)).with_suffix("").parts
        known = min((rank[part] for part in parts if part in rank), default=len(rank))
        return (path != f"{directory}index.md", known, path)

    return sorted({path for path in paths if path.startswith(directory) and path.endswith(PAGES)}, key=order)
