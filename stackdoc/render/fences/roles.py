"""Roles in running text: {measured}, {cite}, {given}, {math}, and those of the domain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from stackdoc.errors import StackdocError, did_you_mean
from stackdoc.render.citation import cite as citation
from stackdoc.render.domain import domain
from stackdoc.render.html.element import element, join
from stackdoc.render.html.formulas import formula
from stackdoc.render.values.machine_switch import Choice, choices, variants, view_for, views_default_first, why_not
from stackdoc.render.values.points import Location, Selection, known_example, parse_selection
from stackdoc.render.values.record_view import RecordView, missing, record_path, view_of
from stackdoc.render.values.value import linked
from stackdoc.site.site import Site
from stackdoc.statistics.quantities import QUANTITIES


def role(site: Site, name: str, text: str, file: str, line: int) -> str:
    """Return the inline HTML for a role. Raises StackdocError with file, line and the nearest known word."""
    place = Location(file, line)
    writers = {**WRITERS, **domain(site).roles}
    if name not in writers:
        raise place.refuse(f"unknown role {name!r}", did_you_mean(name, writers))
    return str(writers[name](site, text.strip(), place))


def measured(site: Site, text: str, place: Location) -> Markup:
    """Return the number of `EXAMPLE NAME k=v … QUANTITY[@RECORD]`, linked to its record."""
    words, _, pinned = text.partition("@")
    parts = words.split()
    if len(parts) < 3:
        raise place.refuse(f"{text!r} is too short", "write EXAMPLE NAME k=v … QUANTITY")
    example, *point, quantity = parts
    known_example(site, example, place)
    if quantity not in QUANTITIES:
        raise place.refuse(
            f"unknown quantity {quantity!r}", did_you_mean(quantity, QUANTITIES) or "known: " + ", ".join(QUANTITIES)
        )
    selection = parse_selection(site, example, " ".join(point), place)
    request = Request(site, example, selection, quantity, place)
    if pinned:
        return _number(request, (_pinned(site, pinned.strip(), example, place),))[1]
    candidates, first = views_default_first(site, example), choices(site)[0]
    view, number = _number(request, candidates)
    default = number if view is None else _attributed(first, view, number)
    return variants(site, default, lambda choice: _number_for(request, choice, candidates))


@dataclass(frozen=True)
class Request:
    """The number that a role requests, on whichever machine."""

    site: Site
    example: str
    selection: Selection
    quantity: str
    place: Location


def _number(request: Request, candidates: tuple[RecordView, ...]) -> tuple[RecordView | None, Markup]:
    """Return the number of the first record that has it, or a note that none has."""
    for view in candidates:
        keys = request.selection.keys(view.record)
        if len(keys) > 1:
            raise request.place.refuse(
                f"{str(request.selection)!r} names {len(keys)} points",
                "give more parameters; known: " + ", ".join(keys),
            )
        number = linked(view, keys[0], request.quantity) if keys else None
        if number is not None:
            return view, number
    return None, _absent(request, candidates)


def _number_for(request: Request, choice: Choice, candidates: tuple[RecordView, ...]) -> Markup:
    """Return the number on the chosen machine, or why it has none; its records never make a page fail."""
    view = view_for(request.site, choice, request.example, candidates)
    keys = request.selection.keys(view.record) if view else ()
    number = linked(view, keys[0], request.quantity) if view and len(keys) == 1 else None
    if view and number:
        return _attributed(choice, view, number)
    reason = _why_left_out(view, request, keys) if view else why_not(request.site, choice, request.example)
    return element("span", f"not measured on {choice.label}: {reason}", class_="sd-missing")


def _why_left_out(view: RecordView, request: Request, keys: Sequence[str]) -> str:
    """Return why a record of the example lacks the number: on its device the example may measure other points."""
    if keys:
        return f"its record has no {request.quantity}" if len(keys) == 1 else "its record has several such points"
    if view.stale:
        return "its record is of another version of the example"
    if view.record.profile == "quick":
        return "its quick run left this out"
    return f"on {view.record.device} the example measures other points"


def _absent(request: Request, candidates: tuple[RecordView, ...]) -> Markup:
    """Return the note on a missing number. Raises StackdocError if the point exists but lacks that quantity."""
    points = [view.record.point(key) for view in candidates for key in request.selection.keys(view.record)]
    unread = [point.energy.reason for point in points if point and point.energy and request.quantity == "energy"]
    if points and not unread and request.quantity != "roof-share":
        raise request.place.refuse(f"{str(request.selection)!r} of {request.example!r} has no {request.quantity}")
    reasons = missing(request.site, request.example, request.site.default_machine)
    reason = "; ".join(unread[:1] or [f"{device}: {why}" for device, why in reasons]) or "left out of the runs so far"
    return element("span", "not measured here", class_="sd-missing", title=reason)


def _attributed(choice: Choice, view: RecordView, number: Markup) -> Markup:
    """Add the name of the machine where it is not the chosen one."""
    if (view.key, view.record.device) == (choice.machine, choice.device):
        return number
    return join([number, element("span", f" (on {view.label})", class_="sd-elsewhere")])


def _pinned(site: Site, id: str, example: str, place: Location) -> RecordView:
    record = site.record(id)
    if record is None or record.example != example:
        known = [stored.id for stored in site.by_example.get(example, ())]
        raise place.refuse(f"example {example!r} has no record {id!r}", did_you_mean(id, known))
    if record.id in site.withdrawn:
        reason = site.withdrawn[record.id].reason
        raise place.refuse(f"record {id} is withdrawn: {reason}", "cite another record, or none")
    return view_of(site, record)


def cite(site: Site, text: str, place: Location) -> Markup:
    """Return a short citation of a record, an example's newest record or one of the domain's targets, linked to it."""
    if (own := domain(site).cited(site, text, place)) is not None:
        return own
    try:
        work = citation.reference(site, text)
    except StackdocError as error:
        raise place.refuse(error.problems[0].message, error.problems[0].hint) from None
    if work.kind == "report":
        return element("cite", element("a", work.title, href=work.url), class_="sd-cite")
    link = element("a", f"record {work.number}", href=work.url or record_path(work.number))
    return element("cite", "(", link, f", {work.date})", class_="sd-cite", title=work.sentence)


def given(_: Site, text: str, __: Location) -> Markup:
    """Return a quantity that the text assumes or defines, marked to tell it from measured and cited ones."""
    return element("span", text, class_="sd-given")


UNCACHEABLE = {"cite"}  # roles that depend on more than the data: a citation names the revision of a page
WRITERS: dict[str, Callable[[Site, str, Location], Markup]] = {
    "measured": measured,
    "cite": cite,
    "given": given,
    "math": lambda _, text, place: formula(text, place),
}
