"""What is done to the HTML of a page after Markdown, whichever engine converts it: one function, `finished`.

Our fragments have addresses from the root of the generated pages; here they are made relative to the page that they
appear on. What an author wrote is left alone.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath

from stackdoc.adapters.addresses import AT_ROOT, Addresses
from stackdoc.adapters.deferred import defer_parts
from stackdoc.adapters.rendered import Rendered
from stackdoc.project import TWINS
from stackdoc.render.cache import TextCache, digest, files_digest
from stackdoc.render.domain import domain
from stackdoc.render.html import element, markdown_twin
from stackdoc.render.html.print_footer import print_footer
from stackdoc.render.pages import example as example_page
from stackdoc.render.values.value import keep_units_together
from stackdoc.site.site import Site

TAKEN_APART_BY = digest(sys.version, files_digest(*(Path(inspect.getfile(one)) for one in (markdown_twin, element))))
PRINTED = 'class="sd-print"'
OF_EXAMPLE = re.compile(r"examples/(?P<id>.+)\.ipynb")


@dataclass(frozen=True)
class Article:
    """A page as the engine has it.

    `source` is the path of its file in the folder that is ours, empty outside of it. `url` is its address below the
    site, `place` that of its HTML file, `title` plain text. A `generated` page is ours; one that `shows` something of
    ours has a fence or a role. `reviewed` is the day on which its text was reviewed, `styled` whether it has our theme.
    """

    source: str
    url: str
    place: str
    title: str
    reviewed: str = ""
    generated: bool = False
    shows: bool = False
    styled: bool = False


@dataclass(frozen=True)
class Destination:
    """Where the site goes: `write(path, content)` publishes a file, `home` is the site's published address or empty."""

    write: Callable[[str, str], None]
    addresses: Addresses = AT_ROOT
    home: str = ""


def fitted(html: str, url: str, target: Destination) -> str:
    """Return a fragment of ours as it appears on the page at `url`; the keyboard can scroll its code."""
    return scrollable(target.addresses.relative(html, url))


def finished(html: str, article: Article, site: Site, rendered: Rendered, target: Destination) -> str:
    """Return the page's article with its frame and its print footer; figures of other machines go to files."""
    fit = partial(fitted, url=article.url, target=target)
    if article.generated and article.source.endswith(".md"):
        html = fit(html)
    if (example := example_of(site, article.source)) is not None:
        html = html.replace(example_page.HEAD, fit(head_of(site, example, rendered)), 1)
    html = _framed(html, article, site, fit, target.home)
    if article.styled:
        html = keep_units_together(scrollable(html))
    target.write(twin_of(article.place), _twin(site.root, html))
    return defer_parts(html, article.url, target.write, target.addresses)


def finished_once(html: str, article: Article, site: Site, rendered: Rendered, target: Destination) -> str:
    """Do what `finished` does, or take what an earlier build of the same site made of the same article."""
    cache, prefix = rendered.cache, target.addresses.prefix
    made_from = (html, repr(article), domain(site).text(site, article.source), target.home, repr(target.addresses))
    request = f"article\n{digest(*made_from)}"
    files: dict[str, str] = {}
    if cache is not None and (stored := cache.get(request)) is not None:
        result, files = json.loads(stored)
    else:
        inner = Rendered(cache)
        inner.figures, inner.write = rendered.figures, lambda path, content: files.update({f"{prefix}{path}": content})
        collecting = replace(target, write=lambda path, content: files.update({path: content}))
        result = finished(html, article, site, inner, collecting)
        if cache is not None and inner.lasting:
            cache.put(request, json.dumps([result, files]))
    for path, content in files.items():
        target.write(path, content)
    return str(result)


def twin_of(place: str) -> str:
    """Return the path of a page's Markdown, which is published beside its HTML."""
    return str(PurePosixPath(place).with_suffix(".md"))


def example_of(site: Site, source: str) -> str | None:
    """Return the id of the example whose page has that source; None for other pages."""
    match = OF_EXAMPLE.fullmatch(source)
    return match["id"] if match and match["id"] in site.examples else None


def head_of(site: Site, example: str, rendered: Rendered) -> str:
    """Return what is above the notebook of the example; its files to download are written too."""
    return rendered.text(f"head\n{example}", partial(example_page.head, site, example))


def anchors(html: str) -> set[str]:
    """Return the ids on the page; an engine sees those of the text alone, not those of our fences."""
    return set(re.findall(r'\sid="([^"]+)"', html))


def scrollable(html: str) -> str:
    """Let the keyboard scroll the long lines of code."""
    return html.replace("<span></span><code>", '<span></span><code tabindex="0">')


def _framed(html: str, article: Article, site: Site, fit: Callable[[str], str], home: str) -> str:
    """Put the article into its domain's frame, and a print footer below it unless the frame has one."""
    framed = domain(site).framed(site, article.source, html, article.reviewed, fit)
    if framed is not None and PRINTED in framed:
        return framed
    shows, address = article.shows or article.generated, f"{home.rstrip('/')}/{article.url}" if home else ""
    last = print_footer(site, article.title, address, html) if shows else ""
    return (framed or html) + str(last)  # a Markup would escape what it follows


def _twin(root: Path, content: str) -> str:
    """Return the page as Markdown, cached: parsing a page takes as long as everything else that is done to it."""
    return TextCache(root, TWINS, TAKEN_APART_BY).text(content, lambda: markdown_twin.markdown(content))
