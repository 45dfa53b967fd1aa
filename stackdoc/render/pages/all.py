"""All generated pages."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from stackdoc.render.domain import domain
from stackdoc.render.html.page import Assets, Page
from stackdoc.render.pages import changelog as changelog_page
from stackdoc.render.pages import environments as environments_page
from stackdoc.render.pages import example as example_page
from stackdoc.render.pages import gallery
from stackdoc.render.pages import machine as machine_page
from stackdoc.render.pages.compare import index as compare_index
from stackdoc.site.site import Site

__all__ = ["Page", "generated"]


def generated(site: Site, existing: Collection[str], assets: Assets | None = None) -> tuple[Page, ...]:
    """Return every page whose path is not among `existing` (relative to `docs/`), in the order of their paths."""
    taken = set(existing) | {path.replace("/index.md", ".md") for path in existing}
    taken |= {f"{path.removesuffix('.md')}.ipynb" for path in existing if path.startswith("examples/")}
    by_path = {page.path: page for page in _all(site, taken, assets)}
    return tuple(page for path, page in sorted(by_path.items()) if path not in taken)


def _all(site: Site, taken: Collection[str], assets: Assets | None) -> Iterable[Page]:
    yield from domain(site).pages(site, taken, assets)
    if site.environments:
        yield environments_page.page(site)
    if site.examples or site.records:
        yield from _of_examples(site, assets)


def _of_examples(site: Site, assets: Assets | None) -> Iterable[Page]:
    """Yield the engine's pages; without a domain, `changelog.md` is left to the project's own changelog."""
    yield from compare_index.pages(site)
    changelog = changelog_page.page(site)
    yield changelog if site.data is not None else replace(changelog, path="compare/changelog.md")
    yield gallery.page(site, assets)
    yield from example_page.pages(site, assets)
    yield from machine_page.pages(site, assets)
