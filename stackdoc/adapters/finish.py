"""What is done to the HTML of a page after Markdown, whichever engine converts it: one function, `finished`.

Fragments of ours come with addresses from the root of the site; here they are made relative to the page that they stand
on. What an author wrote is left alone.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from stackdoc.adapters.addresses import relative
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


@dataclass(frozen=True)
class Article:
    """A page as the engine has it: the path of its source, its address below the site, that of its file, its title as
    plain text.

    `generated` pages are ours, and pages that `show` something of ours have a fence or a role. `reviewed` is the day on
    which the text was, `styled` whether our style sheet and theme are there.
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
class Target:
    """Where the site goes: `write(path, content)` takes what belongs to a page, `addresses` are those of `relative`."""

    write: Callable[[str, str], None]
    addresses: Mapping[str, str] | None = None


def fitted(html: str, url: str, target: Target) -> str:
    """A fragment of ours as it stands on the page at `url`; long lines of its code can be scrolled by keys too."""
    return scrollable(relative(html, url, target.addresses))


def finished(html: str, article: Article, site: Site, rendered: Rendered, target: Target) -> str:
    """The page's article, complete: its frame, its foot for paper, its parts for other machines set apart."""
    fit = partial(fitted, url=article.url, target=target)
    if article.generated and article.source.endswith(".md"):
        html = fit(html)
    if (example := example_of(site, article.source)) is not None:
        html = bare_notebook(html).replace(example_page.HEAD, fit(head_of(site, example, rendered)), 1)
    html = _framed(html, article, site, fit)
    if article.styled:
        html = keep_units_together(scrollable(html))
    target.write(twin_of(article.place), _twin(site.root, html))
    return defer_parts(html, article.url, target.write, target.addresses)


def twin_of(place: str) -> str:
    """Where a page's Markdown is published: beside its HTML."""
    return str(PurePosixPath(place).with_suffix(".md"))


def example_of(site: Site, source: str) -> str | None:
    """The id of the example whose notebook the page is."""
    id = source.removeprefix("examples/").removesuffix(".ipynb")
    return id if id in site.examples else None


def head_of(site: Site, example: str, rendered: Rendered) -> str:
    """What stands above the notebook of the example; its files to download are written with it."""
    return rendered.text(f"head\n{example}", partial(example_page.head, site, example))


def anchors(html: str) -> set[str]:
    """The ids on the page; an engine sees those of the text alone, not those of our fences."""
    return set(re.findall(r'\sid="([^"]+)"', html))


def bare_notebook(html: str) -> str:
    """The notebook without what its template brings: half a megabyte of styles, scripts from two other hosts."""
    start = html.find('<div class="jupyter-wrapper">')
    body = html[start:] if start >= 0 else html
    body = re.sub(r'<div class="zeroclipboard-container">.*?</clipboard-copy>\s*</div>', "", body, flags=re.DOTALL)
    body = re.sub(r'<div class="clipboard-copy-txt".*?</div>', "", body, flags=re.DOTALL)
    body = re.sub(r"<(script|style)\b.*?</\1>", "", body, flags=re.DOTALL | re.IGNORECASE)
    return body.replace("highlight-ipynb", "highlight").replace("<pre", '<pre tabindex="0"')


def scrollable(html: str) -> str:
    """With code whose long lines the keys can scroll too."""
    return html.replace("<span></span><code>", '<span></span><code tabindex="0">')


def _framed(html: str, article: Article, site: Site, fit: Callable[[str], str]) -> str:
    """The article in its domain's frame, and with what paper needs at the end where that frame has not."""
    framed = domain(site).framed(site, article.source, html, article.reviewed, fit)
    if framed is not None and PRINTED in framed:
        return framed
    shows = article.shows or article.generated
    last = print_footer(site, article.title, article.url, html) if shows else ""
    return (framed or html) + str(last)  # a Markup would escape what it follows


def _twin(root: Path, content: str) -> str:
    """The page as Markdown. To take a page apart costs as much as the rest of it, so an unchanged one is kept."""
    return TextCache(root / TWINS, TAKEN_APART_BY).text(content, lambda: markdown_twin.markdown(content))
