"""What a subject adds to the pages: fences, roles, figures, pages, citations. The engine alone adds nothing.

The engine knows examples, records and machines. A domain, such as the handbook's stack of layers, is one table of this
type; nothing in the engine imports it.
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
DrawnFigure = Callable[[Site, RecordView, Sequence[str], str], Markup]


@dataclass(frozen=True)
class Group:
    """Examples that a list shows under one heading; `address` is the page about them, from the root of the site."""

    name: str
    address: str
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Domain(Subject):
    """Each field is a hook with an empty default; `source` is the path of a page's file below the sources."""

    # What an author may write in a page.
    directives: Mapping[str, Directive] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    figures: Mapping[str, DrawnFigure] = field(default_factory=dict)  # more kinds for the fence `example`
    cited: Callable[[Site, str, Location], Markup | None] = lambda *_: None  # the role `cite` for what is the domain's
    local: Callable[[str], bool] = lambda _: False  # whether the text of a fence or role rests on the page around it
    marker: Callable[[Site, str], Marker | None] = lambda *_: None  # links words in the running text of a source

    # What may be cited: a target with the address of the site, and all such targets.
    reference: Callable[[Site, str, str], Reference | None] = lambda *_: None
    citable: Callable[[Site], Iterable[str]] = lambda _: ()

    # Pages of its own, given the paths that are taken; parts of the engine's pages.
    pages: Callable[[Site, Collection[str], Assets | None], Iterable[Page]] = lambda *_: ()
    judged: Callable[[Site, RecordView], Markup | None] = lambda *_: None  # on the page of a record
    explained: Callable[[Site, RecordView, Sequence[str]], Markup | None] = lambda *_: (
        None
    )  # of points, below their table
    groups: Callable[[Site, Sequence[Example]], Sequence[Group]] = lambda *_: ()  # of the list of examples
    home: Callable[[Site, Example], Markup | None] = lambda *_: None  # where an example belongs

    # Around a page: its HTML in a frame (the last two are the day its text was reviewed, and what makes a fragment fit
    # the page), what follows its Markdown, its tags, its description in words, its rank in the navigation.
    framed: Callable[[Site, str, str, str, Fit], str | None] = lambda *_: None
    tail: Callable[[Site, str, str], str] = lambda *_: ""
    head: Callable[[Site, str], str] = lambda *_: ""
    description: Callable[[Site, str], str] = lambda *_: ""
    ranks: Callable[[Site], Mapping[str, int]] = lambda _: {}

    # Faults of the data that show only beside the records, and files for programs, given the site's address.
    problems: Callable[[Site], Iterable[Problem]] = lambda _: ()
    exports: Callable[[Site, str], Mapping[str, bytes]] = lambda *_: {}

    # What a sceptic would reject, given all fences of the pages, and what could not be judged, in words.
    sceptic: Callable[[Site, Iterable[Fence]], Iterable[Problem]] = lambda *_: ()
    sceptic_notes: Callable[[Site], Iterable[str]] = lambda _: ()


NOTHING = Domain()


def domain(site: Site) -> Domain:
    """The hooks of what the site is about."""
    return site.subject if isinstance(site.subject, Domain) else NOTHING
