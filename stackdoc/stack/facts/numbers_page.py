"""The page of numbers that every engineer should know, filled in from the selected machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from markupsafe import Markup

from stackdoc.errors import Problem, StackdocError, capitalised
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
from stackdoc.stack.taxonomies.pages import place_link
from stackdoc.statistics import Figure

HEADS = ("Quantity", "Measured", "Equivalent", "Cited")


def problems(site: Site) -> Iterator[Problem]:
    """Yield a problem for each row whose point no record of its example has."""
    for number in handbook(site).numbers.values():
        try:
            _selection(site, number)
        except StackdocError as error:
            yield from error.problems


def page(site: Site) -> Page:
    intro = document.paragraph(
        "Orders of magnitude worth knowing by heart. A measured number is from the selected machine and links to its "
        "record; a cited number is from another machine and links to its source. Compare the two, but do not divide "
        "one by the other. A row without a measurement says so."
    )
    title = "Numbers every AI engineer should know"
    blocks = [intro, _table(site), _all_choices(site)]
    return document.page("numbers.md", title, "Orders of magnitude by layer, measured and cited.", blocks)


def _table(site: Site) -> Markup:
    """Tabulate the rows by layer from the top down, then by plane."""
    rows: list[Markup] = []
    for layer in (*reversed(handbook(site).stack.layers), *handbook(site).stack.planes):
        numbers = [number for number in handbook(site).numbers.values() if number.layer == layer.id]
        if numbers:
            name = element("th", place_link(handbook(site).stack, layer.id), colspan=len(HEADS), scope="rowgroup")
            rows.append(element("tr", name, class_="sd-group", id=layer.id))
            rows += [_row(site, number) for number in numbers]
    heads = [document.number_head(name) if name == "Measured" else name for name in HEADS]
    return document.table("Numbers by layer", heads, rows, "sd-numbers sd-grouped sd-rows")


def _row(site: Site, number: Number) -> Markup:
    note = document.paragraph(number.note, class_="sd-small") if number.note else None
    multiple = (
        _for_each_choice(site, lambda choice: element("span", _multiple(site, number, choice)))
        if number.against
        else ""
    )
    cited = _cited(site, number)
    measured = element("td", _measured(site, number), class_="sd-number", data_head=HEADS[1])
    others = [element("td", cell, data_head=name) for name, cell in zip(HEADS[2:], (multiple, cited), strict=True)]
    return document.row(element("div", _what(number), note), measured, *others, id=number.id)


def _what(number: Number) -> Markup:
    return link(number.what, f"/examples/{number.example}/") if number.example else element("span", number.what)


def _measured(site: Site, number: Number) -> Markup:
    """Render the value with its interval below."""
    if not number.example:
        return element("span", "not measured, no example yet", class_="sd-none")
    words = " ".join([number.example, number.point.replace(";", " "), number.quantity])
    value = roles.measured(site, words, _place(site, number))
    interval = _for_each_choice(site, lambda choice: element("span", _interval(site, number, choice)))
    return join([value, element("br"), element("span", interval, class_="sd-small")])


def _for_each_choice(site: Site, write: Callable[[Choice], Markup]) -> Markup:
    return variants(site, write(choices(site)[0]), write)


def _cited(site: Site, number: Number) -> object:
    if not number.fact:
        return ""
    fact = handbook(site).facts[number.fact]
    value = element("a", fact_value(fact), href=f"/facts/#fact-{fact.id}", class_="sd-cited")
    source = element("span", f"{fact.quantity}, ", date(fact.as_of), class_="sd-small")
    return join([value, element("br"), source])


def _selection(site: Site, number: Number) -> Selection | None:
    return parse_selection(site, number.example, number.point, _place(site, number)) if number.example else None


def _place(site: Site, number: Number) -> Location:
    return Location(site.layout.collection("numbers"), number.line)


def _record_and_key(site: Site, number: Number, choice: Choice) -> tuple[RecordView, str] | None:
    """Return the record of the selected machine and the key of the row's point in it."""
    selection = _selection(site, number)
    view = view_for(site, choice, number.example, views_default_first(site, number.example)) if selection else None
    keys: Sequence[str] = selection.keys(view.record) if view and selection else ()
    return (view, keys[0]) if view and len(keys) == 1 else None


def _interval(site: Site, number: Number, choice: Choice) -> str:
    match = _record_and_key(site, number, choice)
    return range_text(*match, number.quantity) if match else NONE


def _figure(site: Site, number: Number, choice: Choice) -> Figure | None:
    match = _record_and_key(site, number, choice)
    return figure_of(*match, number.quantity) if match else None


def _multiple(site: Site, number: Number, choice: Choice) -> str:
    """Express a number in multiples of another row: `about 1 400 dispatches`; empty if either was disturbed."""
    if not number.against:
        return ""
    base = handbook(site).numbers[number.against]
    figure, base_figure = _figure(site, number, choice), _figure(site, base, choice)
    if figure is None or base_figure is None or "best" in (figure.estimate, base_figure.estimate):
        return ""
    if figure.unit != base_figure.unit or base_figure.value <= 0:
        return ""
    count = float(f"{figure.value / base_figure.value:.2g}")
    count_text = f"{count:,.0f}".replace(",", "\u202f") if count >= 10 else f"{count:g}"
    return f"about {count_text} {base.as_unit}"


def _all_choices(site: Site) -> Markup | None:
    """Tabulate every row on every machine, folded; it needs no script."""
    all_choices = choices(site)
    if len(all_choices) < 2:
        return None
    heads = ["Quantity", *(document.number_head(capitalised(choice.label)) for choice in all_choices)]
    rows = [
        document.row(
            number.what,
            *(element("td", _value(site, number, choice), class_="sd-number") for choice in all_choices),
        )
        for number in handbook(site).numbers.values()
        if number.example
    ]
    return element("details", element("summary", "All machines"), document.table("The rows by machine", heads, rows))


def _value(site: Site, number: Number, choice: Choice) -> object:
    match = _record_and_key(site, number, choice)
    return (linked(*match, number.quantity) if match else None) or "not measured"
