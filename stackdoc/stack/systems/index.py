"""Everything that the sources name: what it is, where it stands, whether it lives, and whether it runs here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial

from markupsafe import Markup

from stackdoc.render.html import document
from stackdoc.render.html.element import element, join, link
from stackdoc.render.html.page import Assets, Page
from stackdoc.render.pages.listings import titled
from stackdoc.render.values.machine_switch import Choice, choices, variants, view_for
from stackdoc.render.values.record_view import point_label, views
from stackdoc.render.values.value import linked
from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook
from stackdoc.stack.systems import page as system_page
from stackdoc.stack.systems.parts import aliases, notes, places, said, state, state_word, why_none
from stackdoc.stack.systems.table import address, has_page
from stackdoc.stack.systems.types import System
from stackdoc.stack.taxonomies.pages import place_link, row_reference

HEADS = ("System", "What for", "Stands in", "State", "Runs here")
ANCHORS = {"by-layer", "by-source", "by-state", "by-runs", "systems"}  # of the page's own headings
RUNS = ("An example runs it", "Nothing runs it, with the reason", "Nothing runs it yet")
Group = tuple[object, str, Callable[[System], bool]]  # its name, its mark in the rows, and who belongs to it


def pages(site: Site, assets: Assets | None = None) -> tuple[Page, ...]:
    """`systems.md`, and `systems/<id>.md` for each system that an example runs; a hand-written one takes its place."""
    found = sorted(handbook(site).systems.values(), key=lambda system: (system.name.lower(), system.id))
    return (_index(site, found, assets), *(_page(site, one) for one in found if has_page(site, one)))


def _page(site: Site, one: System) -> Page:
    blocks = [system_page.head(site, one), *system_page.tail(site, one)]
    return document.page(f"systems/{one.id}.md", one.name, f"{one.name}: {one.purpose or one.kind}", blocks)


def _index(site: Site, found: list[System], assets: Assets | None) -> Page:
    named = [one for one in found if not one.compared]
    extra = [one for one in found if one.compared]
    ways = list(_ways(site, found))
    shown, body = _rows(site, named, ways)
    blocks: list[str | Markup | None] = [
        document.paragraph(
            "Everything that the sources name: products, libraries, techniques and things. A system stands in one "
            "layer and may belong to others too. A state is given only with its date and source; a thing, a technique "
            "and a class of products have none."
        ),
        _choose(ways, named, assets),
        document.table("Systems by name", shown, body, "sd-filter sd-rows"),
    ]
    if extra:
        blocks += [
            document.heading("Beside them", "beside"),
            document.paragraph("No source names these; they stand here because something is compared with them."),
            document.table("Others that are compared", *_rows(site, extra, ()), "sd-rows"),
        ]
    for words, anchor, groups in ways:
        pairs = [(name, _links(one for one in named if belongs(one))) for name, _, belongs in groups]
        blocks += [document.heading(words, anchor), document.definitions(pairs)]
    return document.page("systems.md", "Systems", f"The {len(named)} systems that the sources name.", blocks)


def _ways(site: Site, found: list[System]) -> Iterable[tuple[str, str, list[Group]]]:
    """What the rows can be filtered by, and listed by."""
    stack = handbook(site).stack
    yield (
        "By layer",
        "by-layer",
        [(place_link(stack, one.id), one.id, partial(_stands, one.id)) for one in stack.places],
    )
    sources = [one.source.id for one in stack.taxonomies]
    yield "By source", "by-source", [(_source(id), id, partial(_named, id)) for id in sources]
    states = sorted({state_word(one) for one in found})
    yield "By state", "by-state", [(words, words, partial(_is, words)) for words in states]
    yield "By what runs here", "by-runs", [(words, words, partial(_runs, words)) for words in RUNS]


def _mark(anchor: str, value: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", f"{anchor}-{value}".lower())


def _choose(ways: Iterable[tuple[str, str, list[Group]]], found: list[System], assets: Assets | None) -> Markup | None:
    """A select for each way, whose rows a style sheet hides: without a script, in a browser that knows `:has`."""
    if assets is None:
        return None
    boxes, rules = [], []
    for words, anchor, groups in ways:
        options = [element("option", "any", value="")]
        for name, value, belongs in groups:
            if count := sum(map(belongs, found)):
                mark = _mark(anchor, value)
                options.append(element("option", f"{Markup(str(name)).striptags()} ({count})", value=mark))
                hidden = f'tr[data-is]:not([data-is~="{mark}"])'
                rules.append(f'.sd-choose:has(option[value="{mark}"]:checked)~* {hidden}{{display:none!important}}\n')
        boxes.append(element("label", f"{words.removeprefix('By ')} ", element("select", *options, autocomplete="off")))
    style = element("link", rel="stylesheet", href=assets.add("assets/systems.css", "".join(rules).encode()))
    # The sheet stands inside: before a block, Markdown would take all of it for running text and mark terms in it.
    return element("div", style, *boxes, class_="sd-choose", role="group", aria_label="Show systems by")


def _runs(words: str, one: System) -> bool:
    return words == RUNS[0 if one.examples else 1 if one.runs else 2]


def _stands(layer: str, one: System) -> bool:
    return layer in (one.layer, *one.also)


def _named(source: str, one: System) -> bool:
    return any(mention.partition(":")[0] == source for mention in one.mentions)


def _is(words: str, one: System) -> bool:
    return state_word(one) == words


def _source(id: str) -> Markup:
    return element("a", id, href=f"/sources/{id}/", class_="sd-code")


def _links(found: Iterable[System]) -> Markup | str:
    links = [element("a", one.name, href=f"#{one.id}") for one in found]
    return join([f"{len(links)}: ", join(links, ", ")]) if links else ""


def _rows(
    site: Site, found: list[System], ways: Iterable[tuple[str, str, list[Group]]]
) -> tuple[list[object], list[Markup]]:
    cells = [_cells(site, one) for one in found]
    kept = [at for at in range(len(HEADS)) if any(row[at] for row in cells)]
    marks = [
        " ".join(_mark(anchor, value) for _, anchor, groups in ways for _, value, belongs in groups if belongs(one))
        for one in found
    ]
    rows = [
        element(
            "tr",
            element("td", row[0]),  # with a heading, which no th may hold
            *(element("td", row[at], data_head=HEADS[at]) for at in kept[1:]),
            id=one.id if one.id not in ANCHORS else None,
            data_is=mark or None,
        )
        for one, row, mark in zip(found, cells, marks, strict=True)
    ]
    return [HEADS[at] for at in kept], rows


def _cells(site: Site, one: System) -> tuple[object, ...]:
    """What HEADS announces, each an empty text where there is nothing to say."""
    shown: object = element("a", one.name, href=address(site, one)) if has_page(site, one) else one.name
    # A heading, so that the search leads to the row, under its name and its aliases.
    name = said(
        [
            element("h2", shown, id=f"system-{one.id}", class_="sd-row-name"),
            _aside(f"also {aliases(one)}" if one.aliases else ""),
        ]
    )
    home = link("Home page", one.home) if one.home else ""
    kind = ", ".join(filter(None, [one.kind, one.subkind, one.licence]))
    purpose = said([one.purpose, home, notes(site, one), _aside(kind)])
    named = join([row_reference(handbook(site).stack, mention) for mention in one.mentions], ", ")
    return name, purpose, said([places(site, one), _aside(named)]), state(one), _example(site, one)


def _aside(words: object) -> object:
    return element("span", words, class_="sd-aside") if words else ""


def _example(site: Site, one: System) -> object:
    """The examples that run it, the first with a figure and its record; or why there are none."""
    if not one.examples:
        return why_none(site, one)
    first = _figure(site, one.examples[0])
    rest = [titled(site, id) for id in one.examples[1:]]
    return join([titled(site, one.examples[0]), first, *(join([Markup("<br>"), each]) for each in rest)])


def _figure(site: Site, example: str) -> Markup | str:
    """What the example came to on the machine chosen: its last ratio, or its first point."""
    if example not in site.examples or not views(site, example):
        return element("span", "measured nowhere yet", class_="sd-aside sd-none")
    first = choices(site)[0]
    return element(
        "span", variants(site, _headline(site, example, first), partial(_headline, site, example)), class_="sd-aside"
    )


def _headline(site: Site, example: str, choice: Choice) -> Markup:
    view = view_for(site, choice, example, views(site, example))
    if view is None:
        return Markup("not measured on it")
    ratios = [ratio for ratio in view.record.ratios if ratio.name == view.record.ratios[0].name]
    found = ratios[-1] if ratios else next(iter(view.record.points), None)
    number = linked(view, found.key) if found else None
    return join([point_label(view.record, found.key), ": ", number]) if found and number else Markup("no figure")
