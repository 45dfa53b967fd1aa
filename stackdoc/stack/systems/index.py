"""The index of systems: purpose, layers, state, and whether an example runs them."""

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
from stackdoc.stack.systems.details import aliases, join_parts, notes, places, state, state_word, why_not_run
from stackdoc.stack.systems.table import address, has_page
from stackdoc.stack.systems.types import System
from stackdoc.stack.taxonomies.pages import place_link, row_reference

HEADS = ("System", "Purpose", "Layers", "State", "Runs here")
ANCHORS = {"by-layer", "by-source", "by-state", "by-runs", "systems"}  # used by the headings of the page
RUNS = ("An example runs it", "Nothing runs it, with the reason", "Nothing runs it yet")
Group = tuple[object, str, Callable[[System], bool]]  # title, value, and whether a system belongs to it


def pages(site: Site, assets: Assets | None = None) -> tuple[Page, ...]:
    """Return `systems.md`, and `systems/<id>.md` for each system that has its own page."""
    systems = sorted(handbook(site).systems.values(), key=lambda system: (system.name.lower(), system.id))
    return (_index(site, systems, assets), *(_page(site, system) for system in systems if has_page(site, system)))


def _page(site: Site, system: System) -> Page:
    blocks = [system_page.head(site, system), *system_page.tail(site, system)]
    return document.page(
        f"systems/{system.id}.md", system.name, f"{system.name}: {system.purpose or system.kind}", blocks
    )


def _index(site: Site, systems: list[System], assets: Assets | None) -> Page:
    named = [system for system in systems if not system.compared]
    only_compared = [system for system in systems if system.compared]
    filters = list(_filters(site, systems))
    heads, body = _rows(site, named, filters)
    blocks: list[str | Markup | None] = [
        document.paragraph(
            "Everything that the sources name: products, libraries, techniques and hardware. A system has one main "
            "layer and may belong to others. A state is given only with its date and source; hardware, techniques and "
            "classes of products have none."
        ),
        _filter_box(filters, named, assets),
        document.table("Systems by name", heads, body, "sd-filter sd-rows"),
    ]
    if only_compared:
        blocks += [
            document.heading("Other systems", "beside"),
            document.paragraph("No source names these; they are included because others are compared with them."),
            document.table("Systems included for a comparison", *_rows(site, only_compared, ()), "sd-rows"),
        ]
    for title, anchor, groups in filters:
        entries = [(name, _links(system for system in named if belongs(system))) for name, _, belongs in groups]
        blocks += [document.heading(title, anchor), document.definitions(entries)]
    return document.page("systems.md", "Systems", f"The {len(named)} systems that the sources name.", blocks)


def _filters(site: Site, systems: list[System]) -> Iterable[tuple[str, str, list[Group]]]:
    """Yield the filters of the table, by which the systems are also listed: title, anchor and groups."""
    stack = handbook(site).stack
    yield (
        "By layer",
        "by-layer",
        [(place_link(stack, item.id), item.id, partial(_in_layer, item.id)) for item in stack.places],
    )
    sources = [item.source.id for item in stack.taxonomies]
    yield "By source", "by-source", [(_source(id), id, partial(_named_by, id)) for id in sources]
    states = sorted({state_word(item) for item in systems})
    yield "By state", "by-state", [(word, word, partial(_has_state, word)) for word in states]
    yield "By what runs here", "by-runs", [(word, word, partial(_has_run_state, word)) for word in RUNS]


def _mark(anchor: str, value: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", f"{anchor}-{value}".lower())


def _filter_box(
    filters: Iterable[tuple[str, str, list[Group]]], systems: list[System], assets: Assets | None
) -> Markup | None:
    """Render a select for each filter; a style sheet with `:has` hides rows, so that no script is needed."""
    if assets is None:
        return None
    boxes, rules = [], []
    for title, anchor, groups in filters:
        options = [element("option", "any", value="")]
        for name, value, belongs in groups:
            if count := sum(map(belongs, systems)):
                mark = _mark(anchor, value)
                options.append(element("option", f"{Markup(str(name)).striptags()} ({count})", value=mark))
                hidden = f'tr[data-is]:not([data-is~="{mark}"])'
                rules.append(f'.sd-choose:has(option[value="{mark}"]:checked)~* {hidden}{{display:none!important}}\n')
        boxes.append(element("label", f"{title.removeprefix('By ')} ", element("select", *options, autocomplete="off")))
    style = element("link", rel="stylesheet", href=assets.add("assets/systems.css", "".join(rules).encode()))
    # The link is inside the element: before a block, Markdown would treat all of it as text and mark terms in it.
    return element("div", style, *boxes, class_="sd-choose", role="group", aria_label="Show systems by")


def _has_run_state(words: str, system: System) -> bool:
    return words == RUNS[0 if system.examples else 1 if system.runs else 2]


def _in_layer(layer: str, system: System) -> bool:
    return layer in (system.layer, *system.also)


def _named_by(source: str, system: System) -> bool:
    return any(mention.partition(":")[0] == source for mention in system.mentions)


def _has_state(words: str, system: System) -> bool:
    return state_word(system) == words


def _source(id: str) -> Markup:
    return element("a", id, href=f"/sources/{id}/", class_="sd-code")


def _links(systems: Iterable[System]) -> Markup | str:
    links = [element("a", system.name, href=f"#{system.id}") for system in systems]
    return join([f"{len(links)}: ", join(links, ", ")]) if links else ""


def _rows(
    site: Site, systems: list[System], filters: Iterable[tuple[str, str, list[Group]]]
) -> tuple[list[object], list[Markup]]:
    cells = [_cells(site, system) for system in systems]
    used = [index for index in range(len(HEADS)) if any(row[index] for row in cells)]
    marks = [
        " ".join(
            _mark(anchor, value) for _, anchor, groups in filters for _, value, belongs in groups if belongs(system)
        )
        for system in systems
    ]
    rows = [
        element(
            "tr",
            element("td", row[0]),  # it has a heading, which a th must not contain
            *(element("td", row[index], data_head=HEADS[index]) for index in used[1:]),
            id=system.id if system.id not in ANCHORS else None,
            data_is=mark or None,
        )
        for system, row, mark in zip(systems, cells, marks, strict=True)
    ]
    return [HEADS[index] for index in used], rows


def _cells(site: Site, system: System) -> tuple[object, ...]:
    """Return the cells of a row, in the order of HEADS; a cell may be empty."""
    name_link: object = element("a", system.name, href=address(site, system)) if has_page(site, system) else system.name
    # A heading, so that a search for a name or alias leads to the row.
    name = join_parts(
        [
            element("h2", name_link, id=f"system-{system.id}", class_="sd-row-name"),
            _aside(f"also {aliases(system)}" if system.aliases else ""),
        ]
    )
    home_link = link("Home page", system.home) if system.home else ""
    kind = ", ".join(filter(None, [system.kind, system.subkind, system.licence]))
    purpose = join_parts([system.purpose, home_link, notes(site, system), _aside(kind)])
    mentions = join([row_reference(handbook(site).stack, mention) for mention in system.mentions], ", ")
    return name, purpose, join_parts([places(site, system), _aside(mentions)]), state(system), _example(site, system)


def _aside(words: object) -> object:
    return element("span", words, class_="sd-aside") if words else ""


def _example(site: Site, system: System) -> object:
    """Render the examples that run the system, the first with a figure, or the reason why there are none."""
    if not system.examples:
        return why_not_run(site, system)
    first = _headline_by_choice(site, system.examples[0])
    rest = [titled(site, id) for id in system.examples[1:]]
    return join([titled(site, system.examples[0]), first, *(join([Markup("<br>"), each]) for each in rest)])


def _headline_by_choice(site: Site, example: str) -> Markup | str:
    """Render the last ratio or the first point of the example on the selected machine."""
    if example not in site.examples or not views(site, example):
        return element("span", "not measured yet", class_="sd-aside sd-none")
    first_choice = choices(site)[0]
    return element(
        "span",
        variants(site, _headline(site, example, first_choice), partial(_headline, site, example)),
        class_="sd-aside",
    )


def _headline(site: Site, example: str, choice: Choice) -> Markup:
    view = view_for(site, choice, example, views(site, example))
    if view is None:
        return Markup("not measured")
    ratios = [ratio for ratio in view.record.ratios if ratio.name == view.record.ratios[0].name]
    headline = ratios[-1] if ratios else next(iter(view.record.points), None)
    number = linked(view, headline.key) if headline else None
    return join([point_label(view.record, headline.key), ": ", number]) if headline and number else Markup("no figure")
