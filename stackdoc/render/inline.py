"""Roles in running text: {measured}, {verdict}, {fact}, {cite}."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from stackdoc.errors import StackdocError, did_you_mean
from stackdoc.render import citation, claims
from stackdoc.render.html import element, join
from stackdoc.render.listings import fact_value, qualified_link
from stackdoc.render.measured import Bench, bench_of, benches, missing, record_path
from stackdoc.render.points import Place, Wanted, known_example, wanted
from stackdoc.render.value import linked
from stackdoc.site import Site
from stackdoc.statistics.figure import QUANTITIES


def role(site: Site, name: str, text: str, file: str, line: int) -> str:
    """The inline HTML for a role. Raises StackdocError with file, line and the nearest known word."""
    place = Place(file, line)
    if name not in WRITERS:
        raise place.refuse(f"unknown role {name!r}", did_you_mean(name, ROLES))
    return str(WRITERS[name](site, text.strip(), place))


def measured(site: Site, text: str, place: Place) -> Markup:
    """`EXAMPLE NAME k=v … QUANTITY[@RECORD]` as a number that leads to its record."""
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
    selection = wanted(site, example, " ".join(point), place)
    if pinned:
        return _number(site, (_pinned(site, pinned.strip(), example, place),), selection, quantity, place)
    found = ordered(site, example)
    default = _number(site, found, selection, quantity, place)
    return variants(site, default, lambda choice: _number_for(site, choice, found, selection, quantity, example))


def _number(site: Site, candidates: tuple[Bench, ...], selection: Wanted, quantity: str, place: Place) -> Markup:
    """The number of the first record that has it, and where it is from when that is not the default machine."""
    for bench in candidates:
        keys = selection.keys(bench.record)
        if len(keys) > 1:
            raise place.refuse(
                f"{str(selection)!r} names {len(keys)} points", "give more parameters; known: " + ", ".join(keys)
            )
        number = linked(bench, keys[0], quantity) if keys else None
        if number is not None:
            return _attributed(choices(site)[0], bench, number)
    return _absent(site, selection, quantity, candidates, place)


def _absent(
    site: Site, example: str, selection: Wanted, quantity: str, candidates: tuple[Bench, ...], place: Place
) -> Markup:
    """No number: an error where the point exists without that quantity, else the words that say so."""
    if any(selection.keys(bench.record) for bench in candidates) and quantity != "roof-share":
        raise place.refuse(f"{str(selection)!r} of {example!r} has no {quantity}")
    reasons = missing(site, example, site.default_machine)
    reason = "; ".join(f"{device}: {why}" for device, why in reasons) or "left out of the runs so far"
    return element("span", "not measured here", class_="sd-missing", title=reason)


def _attributed(site: Site, bench: Bench, number: Markup, pinned: bool) -> Markup:
    """Names the machine where it is not the one that the page is about."""
    if pinned or bench.key == site.default_machine:
        return number
    return join([number, element("span", f" (on {bench.label})", class_="sd-elsewhere")])


def _pinned(site: Site, id: str, example: str, place: Place) -> Bench:
    if id not in site.records or site.records[id].example != example:
        known = [record.id for record in site.records.values() if record.example == example]
        raise place.refuse(f"example {example!r} has no record {id!r}", did_you_mean(id, known))
    if id in site.withdrawn:
        raise place.refuse(f"record {id} is withdrawn: {site.withdrawn[id].reason}", "name another or none")
    return bench_of(site, site.records[id])


def verdict(site: Site, text: str, place: Place) -> Markup:
    """The verdict of the site's default machine on a claim, its reason as the title."""
    if text not in site.claims:
        raise place.refuse(f"unknown claim {text!r}", did_you_mean(text, site.claims))
    _, found = claims.own_verdict(site, site.claims[text])
    return element("a", claims.chip(found), class_="sd-verdict-link", href=f"/claims/#claim-{text}", title=found.reason)


def fact(site: Site, text: str, place: Place) -> Markup:
    """A cited number with its unit; conditions, source and date in the title."""
    if text not in site.facts:
        raise place.refuse(f"unknown fact {text!r}", did_you_mean(text, site.facts))
    found = site.facts[text]
    title = ". ".join(part for part in (found.quantity, found.conditions, f"{found.source}, {found.as_of}") if part)
    return element("a", fact_value(found), class_="sd-cited", href=f"/facts/#fact-{text}", title=title)


def cite(site: Site, text: str, place: Place) -> Markup:
    """A short citation that leads to what it cites: a record, an example's newest record, a layer, a source's row."""
    source = text.partition(":")[0]
    known = {taxonomy.source.id: taxonomy for taxonomy in site.stack.taxonomies}
    if source in known:
        labels = [f"{source}:{row.label}" for row in known[source].layers]
        if ":" in text and text not in labels:
            raise place.refuse(f"unknown source layer {text!r}", did_you_mean(text, labels))
        return element("cite", "(", qualified_link(text), ")", class_="sd-cite")
    try:
        work = citation.reference(site, text)
    except StackdocError as error:
        raise place.refuse(error.problems[0].message, error.problems[0].hint) from None
    if work.kind == "report":
        return element("cite", element("a", work.title, href=work.url), class_="sd-cite")
    link = element("a", f"record {work.number}", href=work.url or record_path(work.number))
    return element("cite", "(", link, f", {work.date})", class_="sd-cite", title=work.sentence)


WRITERS: dict[str, Callable[[Site, str, Place], Markup]] = {
    "measured": measured,
    "verdict": verdict,
    "fact": fact,
    "cite": cite,
}
ROLES = tuple(WRITERS)
