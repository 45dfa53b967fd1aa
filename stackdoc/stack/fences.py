"""The fences of the handbook: claims, facts, systems, the tower, the crosswalk, comparisons of alternatives."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from stackdoc.errors import StackdocError, did_you_mean
from stackdoc.render.fences.fence import DRAWN, Directive, Fence, known_subject, option_among
from stackdoc.render.html.element import element
from stackdoc.render.values.points import known_example, parse_selection
from stackdoc.stack.architecture import page as architecture_page
from stackdoc.stack.claims import block as claims_block
from stackdoc.stack.claims import outcomes
from stackdoc.stack.facts.tables import facts_table
from stackdoc.stack.handbook import handbook
from stackdoc.stack.laws import calc
from stackdoc.stack.layers import pages as layer_pages
from stackdoc.stack.layers import tower
from stackdoc.stack.layers.frame import margin
from stackdoc.stack.merge import crosswalk
from stackdoc.stack.speed import between, peers, speed
from stackdoc.stack.systems import compare as alternatives_page
from stackdoc.stack.systems.table import systems_table
from stackdoc.statistics.figure import QUANTITIES


def _compare(found: Fence) -> Markup:
    """`compare:` and a mapping of labels to points: alternatives, each of an example of its own."""
    named = found.subject
    if not isinstance(named, dict) or len(named) < 2:
        raise found.place.refuse("compares two points or more", "write label: EXAMPLE POINT k=v below compare:")
    kind, quantity = option_among(found, "figure", alternatives_page.KINDS), option_among(found, "quantity", QUANTITIES)
    rows = []
    for label, words in named.items():
        example, _, point = str(words).partition(" ")
        known_example(found.site, example, found.place)
        rows.append(
            alternatives_page.Row(str(label), example, parse_selection(found.site, example, point, found.place))
        )
    agree = found.options.get("agree")
    said = found.text("x"), found.flag("log"), found.text("caption"), bool(found.flag("table"))
    share = float(agree) if isinstance(agree, int | float) else None
    asked = alternatives_page.Asked(kind, quantity, *said, agree=share)
    try:
        return alternatives_page.block(found.site, rows, asked, found.assets)
    except ValueError as reason:
        raise found.place.refuse(f"can't be drawn: {reason}") from None


def _claim(found: Fence) -> Markup:
    return claims_block.claim_block(
        found.site, handbook(found.site).claims[known_subject(found, handbook(found.site).claims, "claim")]
    )


def _facts(found: Fence) -> Markup:
    """`facts: <layer>`, one fact by its id, or a list of ids."""
    site = found.site
    if isinstance(found.subject, str) and found.subject in _layers(found):
        return facts_table(fact for fact in handbook(site).facts.values() if fact.layer == found.subject)
    ids = found.subject if isinstance(found.subject, list) else [found.subject]
    places = _layers(found)
    bad = next((id for id in ids if id not in handbook(site).facts), None)
    if bad is not None:
        raise found.place.refuse(
            f"unknown fact or layer {bad!r}", did_you_mean(str(bad), [*handbook(site).facts, *places])
        )
    return facts_table(handbook(site).facts[str(id)] for id in ids)


def _systems(found: Fence) -> Markup:
    layer = known_subject(found, _layers(found), "layer")
    return systems_table(found.site, layer)


def _peers(found: Fence) -> Markup:
    try:
        return peers.peers(found.site.layout)
    except ValueError as reason:
        raise _stale(found, peers.FILE, reason, peers.COMMAND) from None


def _between(found: Fence) -> Markup:
    try:
        return between.between(found.site.layout)
    except ValueError as reason:
        raise _stale(found, between.FILE, reason, between.COMMAND) from None


def _speed(found: Fence) -> Markup:
    part = known_subject(found, list(speed.PARTS), "part")
    try:
        return speed.speed(found.site.layout, part)
    except ValueError as reason:
        raise _stale(found, speed.FILE, reason, speed.COMMAND) from None


def _architecture(found: Fence) -> Markup:
    """`architecture: rooms`, `architecture: modules`, or a list of functions and classes, as the way through them."""
    if isinstance(found.subject, list):
        try:
            return architecture_page.way(map(str, found.subject))
        except KeyError as unknown:
            raise found.place.refuse(f"{unknown} is not in the package", "write stackdoc.room.module.name") from None
    parts = {"rooms": architecture_page.rooms, "modules": architecture_page.every_module}
    return parts[known_subject(found, list(parts), "part")]()


def _stale(found: Fence, file: str, reason: ValueError, command: str) -> StackdocError:
    return found.place.refuse(f"{found.site.layout.data}/{file} {reason}", f"write it anew: {command}")


def _tower(found: Fence) -> Markup:
    """`tower:` draws it large; `tower: <layer>` small, with that layer's place in it."""
    if found.subject in (None, "", True):
        return tower.tower(found.site)
    return margin(found.site, known_subject(found, _layers(found), "layer"))


def _path(found: Fence) -> Markup:
    """`path: [data, encoding, model]`: the way of something through layers, with `at` lit."""
    places = _layers(found)
    named = found.subject if isinstance(found.subject, list) else []
    if len(named) < 2:
        raise found.place.refuse("a path is a list of two layers or more", "write path: [data, encoding]")
    for key, id in [*(("path", str(id)) for id in named), *([("at", found.text("at"))] if found.text("at") else [])]:
        if id not in places:
            raise found.places[key].refuse(f"unknown layer {id!r}", did_you_mean(id, places))
    return tower.path(found.site, [str(id) for id in named], found.text("at"), found.text("caption"))


def _crosswalk(found: Fence) -> Markup:
    """`crosswalk:` is the whole table; `crosswalk: <layer>` that layer's row."""
    if found.subject in (None, "", True):
        return crosswalk.grid(handbook(found.site).stack)
    return layer_pages.strip(handbook(found.site).stack, known_subject(found, _layers(found), "layer"))


def _sources(found: Fence) -> Markup:
    layer = known_subject(found, _layers(found), "layer")
    return layer_pages.voices(handbook(found.site).stack, layer) or element(
        "p", "No source speaks of this layer.", class_="sd-missing"
    )


def _layers(found: Fence) -> list[str]:
    return [place.id for place in handbook(found.site).stack.places]


DIRECTIVES: Mapping[str, Directive] = {
    "compare": Directive(_compare, {**DRAWN, "agree": (float, int)}),
    "claim": Directive(_claim),
    "calc": Directive(calc.calc_fence, calc.OPTIONS),
    "when": Directive(outcomes.when, outcomes.OPTIONS),
    "crosswalk": Directive(_crosswalk),
    "tower": Directive(_tower),
    "path": Directive(_path, {"at": (str,), "caption": (str,)}),
    "sources": Directive(_sources),
    "systems": Directive(_systems),
    "facts": Directive(_facts),
    "architecture": Directive(_architecture),
    "peers": Directive(_peers, lasting=False),
    "speed": Directive(_speed, lasting=False),
    "between": Directive(_between, lasting=False),
}
