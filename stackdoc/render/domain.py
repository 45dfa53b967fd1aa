"""Hooks by which a domain adds fences, roles, figures, pages and citations to a site.

The engine knows examples, records and machines. A domain, such as the handbook's stack of layers, is one instance of
`Domain`; nothing in the engine imports it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from stackdoc.errors import Problem
from stackdoc.model.example import Example
from stackdoc.render.citation.formats import Reference
from stackdoc.render.fences.fence import Directive, Fence
from stackdoc.render.html.page import Assets, Page
from stackdoc.render.values.points import Location
from stackdoc.render.values.record_view import RecordView
from stackdoc.site.site import Site, Subject

Role = Callable[[Site, str, Location], Markup]
Marker = Callable[[str], list[tuple[int, int, str]]]
Fit = Callable[[str], str]
Curve = Callable[[Site, str, str, Mapping[str, object], Location], "LawCurve"]
DrawnFigure = Callable[[Site, RecordView, Sequence[str], str], Markup]


@dataclass(frozen=True)
class Group:
    """Examples that are listed under one heading; `address` is the page about them, from the root of the site."""

    name: str
    address: str
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class LawCurve:
    """A law as a function `at` of one symbol, in SI base units: `x_unit` and `y_unit` are those of the law.

    `words` names the law and its other inputs. `at` raises ValueError where the law has no value.
    """

    x_unit: str
    y_unit: str
    at: Callable[[float], float]
    words: Markup


@dataclass(frozen=True)
class SearchHints:
    """What a search is told besides the words on the pages.

    `synonyms` are groups of words and phrases with one meaning. `also` are further names of a page or section, and the
    questions that it answers, by its source and its anchor (`layers/serving.md#boundary`). `weights` state how much a
    match counts, by the beginning of an address and of an anchor; the first pair that matches applies, and without one
    the weight is 1. Of a page of `listings` (patterns of sources) only the start is searched, since its rows are from
    other pages.
    """

    synonyms: Sequence[Sequence[str]] = ()
    also: Mapping[str, Sequence[str]] = field(default_factory=dict)
    weights: Mapping[tuple[str, str], float] = field(default_factory=dict)
    listings: Sequence[str] = ()


@dataclass(frozen=True)
class Domain(Subject):
    """A site's subject together with its hooks, each of which does nothing by default.

    Where a hook takes the source of a page, that is the path of its file below the site's sources.
    """

    # What an author may write in a page.
    directives: Mapping[str, Directive] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    figures: Mapping[str, DrawnFigure] = field(default_factory=dict)  # more kinds for the fence `example`
    curve: Curve | None = None  # a law, given the symbol to vary and the other inputs, for the fence `diagram`
    cited: Callable[[Site, str, Location], Markup | None] = lambda *_: None  # the role `cite`
    local: Callable[[str], bool] = lambda _: False  # whether a fence or role depends on the page around it
    marker: Callable[[Site, str], Marker | None] = lambda *_: None  # finds words to link in running text

    # Citations: the reference for a target, given the address of the site, and all targets.
    reference: Callable[[Site, str, str], Reference | None] = lambda *_: None
    citable: Callable[[Site], Iterable[str]] = lambda _: ()

    # The domain's pages, given the paths that are taken, and its parts of the engine's pages.
    pages: Callable[[Site, Collection[str], Assets | None], Iterable[Page]] = lambda *_: ()
    judged: Callable[[Site, RecordView], Markup | None] = lambda *_: None  # on the page of a record
    explained: Callable[[Site, RecordView, Sequence[str]], Markup | None] = lambda *_: (
        None
    )  # below a table, about its points
    groups: Callable[[Site, Sequence[Example]], Sequence[Group]] = lambda *_: ()  # the sections of the list of examples
    home: Callable[[Site, Example], Markup | None] = lambda *_: None  # a link from an example to the page it belongs to

    # Around a page: its HTML in a frame (given the day of its review and a function that makes the addresses of a
    # fragment relative), text after its Markdown, tags for its head, its description, its rank in the navigation.
    framed: Callable[[Site, str, str, str, Fit], str | None] = lambda *_: None
    tail: Callable[[Site, str, str], str] = lambda *_: ""
    head: Callable[[Site, str], str] = lambda *_: ""
    description: Callable[[Site, str], str] = lambda *_: ""
    text: Callable[[Site, str], str] = lambda *_: ""  # its written text, where its frame or its tags cite it
    ranks: Callable[[Site], Mapping[str, int]] = lambda _: {}
    search_hints: Callable[[Site], SearchHints] = lambda _: SearchHints()

    # Problems that need data and records together; files for programs, given the site's address.
    problems: Callable[[Site], Iterable[Problem]] = lambda _: ()
    exports: Callable[[Site, str], Mapping[str, bytes]] = lambda *_: {}

    # For `check --sceptic`: what a sceptic would reject, given all fences of the pages; notes on what was not judged.
    sceptic: Callable[[Site, Iterable[Fence]], Iterable[Problem]] = lambda *_: ()
    sceptic_notes: Callable[[Site], Iterable[str]] = lambda _: ()


NOTHING = Domain()


def domain(site: Site) -> Domain:
    """Return the hooks of the site's domain; those of an empty one if it has none."""
    return site.subject if isinstance(site.subject, Domain) else NOTHING
