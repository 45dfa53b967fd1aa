"""Everything that the sources name: what it is, where it stands, whether it lives, and whether it runs here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from markupsafe import Markup

from stackdoc.render import document, tables
from stackdoc.render.html import element, join, link
from stackdoc.render.listings import date
from stackdoc.render.page import Page
from stackdoc.render.points import chosen
from stackdoc.render.sources import place, reference
from stackdoc.site import Site
from stackdoc.system import System

HEADS = ("System", "What for", "Stands in", "State", "Runs here")
ADDRESS = re.compile(r"(https?://[^\s;,]+[^\s;,.])")
NO_STATE = {"hardware": "none: a thing is not released", "technique": "none: a technique is not released"}
NO_MAKER = "none: a class, not one product"
NOT_STATED = "no dated source found"


def pages(site: Site) -> tuple[Page, ...]:
    """`systems.md`, and `systems/<id>.md` for each system that an example runs."""
    found = sorted(site.systems.values(), key=lambda system: (system.name.lower(), system.id))
    return (_index(site, found), *(_page(site, one) for one in found if one.examples))


def _index(site: Site, found: list[System]) -> Page:
    shown, body = _rows(site, found)
    blocks: list[str | Markup | None] = [
        document.paragraph(
            "Everything that the sources name: products, libraries, techniques and things. A system stands in one "
            "layer and may belong to others too. A state is given only with its date and source; a thing, a technique "
            "and a class of products have none."
        ),
        document.table("Systems by name", shown, body, "sd-filter sd-rows"),
    ]
    stack = site.stack
    ways: list[tuple[str, str, Iterable[tuple[object, Callable[[System], bool]]]]] = [
        ("By layer", "by-layer", [(place(stack, one.id), partial(_stands, one.id)) for one in stack.places]),
        (
            "By source",
            "by-source",
            [(_source(one.source.id), partial(_named, one.source.id)) for one in stack.taxonomies],
        ),
        ("By state", "by-state", [(state, partial(_is, state)) for state in sorted({_state(one) for one in found})]),
        ("By what runs here", "by-runs", [(words, partial(_runs, words)) for words in RUNS]),
    ]
    for title, anchor, groups in ways:
        pairs = [(name, _links(one for one in found if belongs(one))) for name, belongs in groups]
        blocks += [document.heading(title, anchor), document.definitions(pairs)]
    return document.page("systems.md", "Systems", f"The {len(found)} systems that the sources name.", blocks)


ANCHORS = {"by-layer", "by-source", "by-state", "by-runs", "systems"}  # of the page's own headings
RUNS = ("An example runs it", "Nothing runs it, with the reason", "Nothing runs it yet")


def _runs(words: str, one: System) -> bool:
    return words == RUNS[0 if one.examples else 1 if one.runs else 2]


def _stands(layer: str, one: System) -> bool:
    return layer in (one.layer, *one.also)


def _named(source: str, one: System) -> bool:
    return any(mention.partition(":")[0] == source for mention in one.mentions)


def _state(one: System) -> str:
    """The state, or why there is none: what has no home page is nobody's product."""
    if one.status:
        return one.status.state
    return NOT_STATED if one.home else NO_STATE.get(one.kind, NO_MAKER)


def _is(state: str, one: System) -> bool:
    return _state(one) == state


def _source(id: str) -> Markup:
    return element("a", id, href=f"/sources/{id}/", class_="sd-code")


def _links(found: Iterable[System]) -> Markup | str:
    links = [element("a", one.name, href=f"#{one.id}") for one in found]
    return join([f"{len(links)}: ", join(links, ", ")]) if links else ""


def _rows(site: Site, found: list[System]) -> tuple[list[object], list[Markup]]:
    cells = [_cells(site, one) for one in found]
    kept = [at for at in range(len(HEADS)) if any(row[at] for row in cells)]
    rows = [
        document.row(
            row[0],
            *(element("td", row[at], data_head=HEADS[at]) for at in kept[1:]),
            id=one.id if one.id not in ANCHORS else None,
        )
        for one, row in zip(found, cells, strict=True)
    ]
    return [HEADS[at] for at in kept], rows


def _cells(site: Site, one: System) -> tuple[object, ...]:
    """What HEADS announces, each an empty text where there is nothing to say."""
    title: object = element("a", one.name, href=f"/systems/{one.id}/") if one.examples else one.name
    name = _said(
        [element("span", title, id=f"system-{one.id}"), _aside(f"also {_aliases(one)}" if one.aliases else "")]
    )
    home = link("Home page", one.home) if one.home else ""
    kind = ", ".join(filter(None, [one.kind, one.subkind, one.licence]))
    purpose = _said([one.purpose, home, _notes(site, one), _aside(kind)])
    named = join([reference(site.stack, mention) for mention in one.mentions], ", ")
    return name, purpose, _said([_places(site, one), _aside(named)]), _status(one), _example(site, one)


def _aside(said: object) -> object:
    return element("span", said, class_="sd-aside") if said else ""


def _aliases(one: System) -> str:
    return ", ".join(one.aliases)


def _said(parts: Iterable[object]) -> Markup:
    return join([part for part in parts if part], " ")


def _places(site: Site, one: System) -> Markup:
    known = {layer.id for layer in site.stack.places}
    places = join([place(site.stack, id) for id in (one.layer, *one.also) if id in known], ", ")
    return join([places, one.reason], ": ") if places and one.reason else _said([places, one.reason])


def _notes(site: Site, one: System) -> Markup:
    other = site.systems.get(one.homonym_of)
    return _said(
        [_linked(one.note), join(["Not ", element("a", other.name, href=f"#{other.id}"), "."]) if other else ""]
    )


def _status(one: System) -> object:
    """`active, 2026-10: release 2.15.0; pytorch.org`; why there is none otherwise."""
    if not one.status:
        return _state(one)
    return join([one.status.state, ", ", date(one.status.as_of), ": ", _linked(one.status.source)])


def _linked(words: str) -> Markup:
    """The words, each address in them as a link by the name of its host."""
    return join([link(part.split("/")[2], part) if ADDRESS.fullmatch(part) else part for part in ADDRESS.split(words)])


def _example(site: Site, one: System) -> object:
    """The examples that run it by their titles, or why there are none, with the examples named in it as links."""
    if one.examples:
        return join([_title(site, id) for id in one.examples], ", ")
    known = re.split(rf"({'|'.join(map(re.escape, site.examples))})\b", one.runs) if site.examples else [one.runs]
    return join([element("a", part, href=f"/examples/{part}/") if part in site.examples else part for part in known])


def _title(site: Site, id: str) -> Markup:
    return element("a", site.examples[id].title if id in site.examples else id, href=f"/examples/{id}/")


def _facts(site: Site, one: System) -> Iterator[tuple[object, object]]:
    """What is known of a system, apart and in the order in which it is asked for."""
    yield "What for", one.purpose
    yield "Also called", _aliases(one)
    yield "Home page", link(one.home, one.home) if one.home else ""
    yield "Kind", f"{one.kind}, {one.subkind}" if one.subkind else one.kind
    yield "Licence", one.licence
    yield "Stands in", _places(site, one)
    yield "Named by", join([reference(site.stack, mention) for mention in one.mentions], ", ")
    yield "Note", _notes(site, one)
    yield "State", _status(one)
    yield "Environment", element("code", one.environment) if one.environment else ""
    yield "Runs here", _example(site, one)


def _page(site: Site, one: System) -> Page:
    """What is known of a system, with the figures of the examples that run it."""
    pairs = list(_facts(site, one))
    blocks: list[str | Markup | None] = [
        document.definitions(pairs, "sd-voices sd-voices--terse"),
        document.paragraph(element("a", "All systems", href=f"/systems/#{one.id}")),
    ]
    for id in one.examples:
        if id in site.examples:
            blocks += [
                document.heading(site.examples[id].title, id.replace("/", "-")),
                document.paragraph(_title(site, id), f": {site.examples[id].summary}"),
                tables.example_tables(site, id, partial(chosen, selections=())),
            ]
    return document.page(f"systems/{one.id}.md", one.name, f"{one.name}: {one.purpose or one.kind}", blocks)
