"""The navigation: `layers/*` in mkdocs.yml stands for every page of that directory, in the domain's order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

PAGES = (".md", ".ipynb")


def expand(nav: Any, paths: Sequence[str], rank: Mapping[str, int]) -> Any:
    """The navigation with each `directory/*` replaced by the pages below that directory."""
    if isinstance(nav, dict):
        return {title: expand(entry, paths, rank) for title, entry in nav.items()}
    if not isinstance(nav, list):
        return nav
    entries: list[Any] = []
    for entry in nav:
        if isinstance(entry, str) and entry.endswith("/*"):
            entries += below(entry[:-1], paths, rank)
        else:
            entries.append(expand(entry, paths, rank))
    return entries


def below(directory: str, paths: Sequence[str], rank: Mapping[str, int]) -> list[str]:
    """The pages below `directory/`: its index first, then by the rank of any part of the path, then by name."""

    def order(path: str) -> tuple[bool, int, str]:
        parts = PurePosixPath(path.removeprefix(directory)).with_suffix("").parts
        known = min((rank[part] for part in parts if part in rank), default=len(rank))
        return (path != f"{directory}index.md", known, path)

    return sorted({path for path in paths if path.startswith(directory) and path.endswith(PAGES)}, key=order)
