"""The page of numbers: what an engineer should know by heart, filled in from the machine chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from markupsafe import Markup

from stackdoc.errors import Problem, StackdocError
from stackdoc.render.fences import roles
from stackdoc.render.html import document
from stackdoc.render.html.element import element, join, link
from stackdoc.render.html.page import Page
from stackdoc.render.html.tables import NONE
from stackdoc.render.pages.listings import date
from stackdoc.render.values.machine_switch import Choice, choices, variants, view_for, views_default_first
from stackdoc.render.values.points import Location, Selection, parse_selection
from stackdoc.render.values.record_view import RecordView, figure_of, range_text
from stackdoc.render.values.value import linked
from stackdoc.site.site import Site
from stackdoc.stack.facts.number import Number
from stackdoc.stack.facts.tables import fact_value
from stackdoc.stack.handbook import handbook
from stackdoc.stack.taxonomies.pages import place
from stackdoc.statistics import Figure

HEADS = ("What", "Measured", "That is", "Cited")


def problems(site: Site) -> Iterator[Problem]:
    """Rows whose point no record of the example has, with the nearest that one has."""
    for number in handbook(site).numbers.values():
        try:
            _wanted(site, number)
        except StackdocError as error:
            yield from error.problems


def page(site: Site) -> Page:
    intro = document.paragraph(
        "Orders of magnitude worth knowing by heart. What is measured comes from the machine chosen and leads to its "
        "record; what is cited leads to its source and is of another machine. The two are to be held against each "
        "other, not divided. A row that nothing has measured says so."
    )
    title = "Numbers every AI engineer should know"
    blocks = [intro, _table(site), _all_choices(site)]
    return document.page("numbers.md", title, "Orders of magnitude by layer, measured and cited.", blocks)


def _table(site: Site) -> Markup:
    """The rows by layer, from the top down and then the planes, each group under the layer's name."""
    rows: list[Markup] = []
    for layer in (*reversed(handbook(site).stack.layers), *handbook(site).stack.planes):
        found = [number for number in handbook(site).numbers.values() if number.layer == layer.id]
        if found:
            name = element("th", place(handbook(site).stack, layer.id), colspan=len(HEADS), scope="rowgroup")
            rows.append(element("tr", name, class_="sd-group", id=layer.id))
            rows += [_row(site, number) for number in found]
    heads = [document.number_head(name) if name == "Measured" else name for name in HEADS]
    return document.table("Numbers by layer", heads, rows, "sd-numbers sd-grouped sd-rows")


def _row(site: Site, number: Number) -> Markup:
    note = document.paragraph(number.note, class_="sd-small") if number.note else None
    so_many = _by_choice(site, lambda choice: element("span", _so_many(site, number, choice))) if number.against else ""
    cited = _cited(site, number)
    measured = element("td", _measured(site, number), class_="sd-number", data_head=HEADS[1])
    others = [element("td", cell, data_head=name) for name, cell in zip(HEADS[2:], (so_many, cited), strict=True)]
    return document.row(element("div", _what(number), note), measured, *others, id=number.id)


def _what(number: Number) -> Markup:
    return link(number.what, f"/examples/{number.example}/") if number.example else element("span", number.what)


def _measured(site: Site, number: Number) -> Markup:
    """The value, with its interval below it."""
    if not number.example:
        return element("span", "not measured: no example yet", class_="sd-none")
    words = " ".join([number.example, number.point.replace(";", " "), number.quantity])
    value = roles.measured(site, words, _place(site, number))
    interval = _by_choice(site, lambda choice: element("span", _interval(site, number, choice)))
    return join([value, element("br"), element("span", interval, class_="sd-small")])


def _by_choice(site: Site, write: Callable[[Choice], Markup]) -> Markup:
    return variants(site, write(choices(site)[0]), write)


def _cited(site: Site, number: Number) -> object:
    if not number.fact:
        return ""
    fact = handbook(site).facts[number.fact]
    value = element("a", fact_value(fact), href=f"/facts/#fact-{fact.id}", class_="sd-cited")
    said = element("span", f"{fact.quantity}, ", date(fact.as_of), class_="sd-small")
    return join([value, element("br"), said])


def _wanted(site: Site, number: Number) -> Selection | None:
    return parse_selection(site, number.example, number.point, _place(site, number)) if number.example else None


def _place(site: Site, number: Number) -> Location:
    return Location(site.layout.collection("numbers"), number.line)


def _found(site: Site, number: Number, choice: Choice) -> tuple[RecordView, str] | None:
    """The record of the machine chosen, and the one key of the row in it."""
    selection = _wanted(site, number)
    view = view_for(site, choice, number.example, views_default_first(site, number.example)) if selection else None
    keys: Sequence[str] = selection.keys(view.record) if view and selection else ()
    return (view, keys[0]) if view and len(keys) == 1 else None


def _interval(site: Site, number: Number, choice: Choice) -> str:
    found = _found(site, number, choice)
    return range_text(*found, number.quantity) if found else NONE


def _figure(site: Site, number: Number, choice: Choice) -> Figure | None:
    found = _found(site, number, choice)
    return figure_of(*found, number.quantity) if found else None


def _so_many(site: Site, number: Number, choice: Choice) -> str:
    """`about 1 400 dispatches`: two figures of one machine, to two digits; nothing where either is disturbed."""
    if not number.against:
        return ""
    base = handbook(site).numbers[number.against]
    one, unit = _figure(site, number, choice), _figure(site, base, choice)
    if one is None or unit is None or "best" in (one.estimate, unit.estimate):
        return ""
    if one.unit != unit.unit or unit.value <= 0:
        return ""
    count = float(f"{one.value / unit.value:.2g}")
    said = f"{count:,.0f}".replace(",", "\u202f") if count >= 10 else f"{count:g}"
    return f"about {said} {base.as_unit}"


def _all_choices(site: Site) -> Markup | None:
    """Every row on every machine, one fold away: without a script too."""
    every = choices(site)
    if len(every) < 2:
        return None
    heads = ["What", *(document.number_head(one.label[:1].upper() + one.label[1:]) for one in every)]
    rows = [
        document.row(
            number.what,
            *(element("td", _written(site, number, one), class_="sd-number") for one in every),
        )
        for number in handbook(site).numbers.values()
        if number.example
    ]
    return element("details", element("summary", "All machines"), document.table("The rows by machine", heads, rows))


def _written(site: Site, number: Number, choice: Choice) -> object:
    found = _found(site, number, choice)
    return (linked(*found, number.quantity) if found else None) or "not measured"
