"""The pages at old addresses, which redirect to the new ones."""

from __future__ import annotations

from stackdoc.render.html.element import element, join
from stackdoc.render.html.page import Page
from stackdoc.site.site import Site


def pages(site: Site) -> tuple[Page, ...]:
    """Return a complete document for each old address, which redirects without a script."""
    return tuple(_page(redirect.old, redirect.new) for redirect in site.redirects)


def _page(old: str, new: str) -> Page:
    up = "../" * (old.strip("/").count("/") + 1)
    target = f"{up}{new.lstrip('/')}"
    head = [
        element("meta", charset="utf-8"),
        element("title", "Moved"),
        element("meta", name="robots", content="noindex"),
        element("meta", http_equiv="refresh", content=f"0; url={target}"),
        element("link", rel="canonical", href=target),
    ]
    body = element("p", "This page has moved to ", element("a", new, href=target), ".")
    html = element("html", element("head", join(head)), element("body", body), lang="en")
    return Page(f"{old.strip('/')}/index.html", "Moved", f"<!doctype html>\n{html}\n", "html")
