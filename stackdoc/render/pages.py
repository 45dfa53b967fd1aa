"""All pages that no hand-written file provides."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from stackdoc.render import (
    alternatives,
    comparisons,
    crosswalk,
    decisions,
    disagreements,
    environments,
    examples,
    indexes,
    layers,
    machines,
    numbers,
    sources,
    systems,
)
from stackdoc.render.page import Assets, Page
from stackdoc.site import Site

__all__ = ["Page", "generated"]


def generated(site: Site, existing: Collection[str], assets: Assets | None = None) -> tuple[Page, ...]:
    """Every page whose path is not among the `existing` ones (relative to `docs/`), in the order of their paths."""
    taken = set(existing) | {path.replace("/index.md", ".md") for path in existing}
    taken |= {f"{path.removesuffix('.md')}.ipynb" for path in existing if path.startswith("examples/")}
    made = {page.path: page for page in _all(site, taken, assets)}
    return tuple(page for path, page in sorted(made.items()) if path not in taken)


def _all(site: Site, taken: Collection[str], assets: Assets | None) -> Iterable[Page]:
    if site.stack.layers:
        yield from layers.pages(site, taken)
    if site.stack.taxonomies:
        yield from sources.pages(site)
        yield crosswalk.page(site)
        yield from disagreements.pages(site)
    yield from indexes.pages(site)
    if site.numbers:
        yield numbers.page(site)
    if site.decisions:
        yield decisions.page(site)
    if site.systems:
        yield from systems.pages(site, assets)
    if site.environments:
        yield environments.page(site)
    if site.alternatives:
        yield alternatives.page(site)
    if site.examples or site.records:
        yield from _of_examples(site, assets)


def _of_examples(site: Site, assets: Assets | None) -> Iterable[Page]:
    """Where nothing is merged, `changelog.md` is the name of the project's own changelog, so ours has another."""
    yield from comparisons.pages(site)
    changelog = comparisons.changelog(site)
    yield changelog if site.stack.layers else replace(changelog, path="compare/changelog.md")
    yield from examples.pages(site, assets)
    yield from machines.pages(site, assets)
