"""The fences of the handbook, such as claims, facts, systems, the tower and the crosswalk."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from stackdoc.errors import StackdocError, did_you_mean
from stackdoc.render.fences.fence import FIGURE_OPTIONS, Directive, Fence, figure_titles, known_subject, option_among
from stackdoc.render.figures.message import OUTCOMES
from stackdoc.render.html.element import element
from stackdoc.render.values.points import known_example, parse_selection
from stackdoc.stack.architecture import page as architecture_page
from stackdoc.stack.calculators.block import calculator
from stackdoc.stack.claims import block as claims_block
from stackdoc.stack.claims import outcomes
from stackdoc.stack.claims.tally import tally_sentence
from stackdoc.stack.facts.tables import facts_table
from stackdoc.stack.handbook import handbook
from stackdoc.stack.laws import calc
from stackdoc.stack.layers import pages as layer_pages
from stackdoc.stack.layers import tower
from stackdoc.stack.layers.frame import margin
from stackdoc.stack.merge import crosswalk
from stackdoc.stack.results import cards
from stackdoc.stack.speed import between, peers, speed
from stackdoc.stack.systems import compare as alternatives_page
from stackdoc.stack.systems.table import systems_table
from stackdoc.statistics.quantities import QUANTITIES


def _compare(fence: Fence) -> Markup:
    """Render `compare:`, a mapping of labels to points, each of its own example."""
    points = fence.subject
    if not isinstance(points, dict) or len(points) < 2:
        raise fence.place.refuse("needs two points or more", "write label: EXAMPLE POINT k=v below compare:")
    kind, quantity = option_among(fence, "figure", alternatives_page.KINDS), option_among(fence, "quantity", QUANTITIES)
    rows = []
    for label, words in points.items():
        example, _, point = str(words).partition(" ")
        known_example(fence.site, example, fence.place)
        rows.append(
            alternatives_page.Row(str(label), example, parse_selection(fence.site, example, point, fence.place))
        )
    agree = fence.options.get("agree")
    options = fence.text("x"), fence.flag("log"), fence.text("caption"), bool(fence.flag("table"))
    share = float(agree) if isinstance(agree, int | float) else None
    comparison = alternatives_page.ComparisonOptions(
        kind, quantity, *options, agree=share, title=figure_titles(fence, OUTCOMES)
    )
    try:
        return alternatives_page.block(fence.site, rows, comparison, fence.assets)
    except ValueError as reason:
        raise fence.place.refuse(f"can't be drawn: {reason}") from None


def _claim(fence: Fence) -> Markup:
    return claims_block.claim_block(
        fence.site, handbook(fence.site).claims[known_subject(fence, handbook(fence.site).claims, "claim")]
    )


def _facts(fence: Fence) -> Markup:
    """Render `facts:` with a layer, a fact, or a list of facts."""
    site = fence.site
    if isinstance(fence.subject, str) and fence.subject in _layer_ids(fence):
        return facts_table(fact for fact in handbook(site).facts.values() if fact.layer == fence.subject)
    ids = [str(id) for id in (fence.subject if isinstance(fence.subject, list) else [fence.subject])]
    places = _layer_ids(fence)
    unknown = next((id for id in ids if id not in handbook(site).facts), None)
    if unknown is not None:
        raise fence.place.refuse(
            f"unknown fact or layer {unknown!r}", did_you_mean(unknown, [*handbook(site).facts, *places])
        )
    return facts_table(handbook(site).facts[id] for id in ids)


def _systems(fence: Fence) -> Markup:
    layer = known_subject(fence, _layer_ids(fence), "layer")
    return systems_table(fence.site, layer)


def _peers(fence: Fence) -> Markup:
    try:
        return peers.peers(fence.site.layout)
    except ValueError as reason:
        raise _refuse_file(fence, peers.FILE, reason, peers.COMMAND) from None


def _between(fence: Fence) -> Markup:
    try:
        return between.between(fence.site.layout)
    except ValueError as reason:
        raise _refuse_file(fence, between.FILE, reason, between.COMMAND) from None


def _speed(fence: Fence) -> Markup:
    part = known_subject(fence, list(speed.PARTS), "part")
    try:
        return speed.speed(fence.site.layout, part)
    except ValueError as reason:
        raise _refuse_file(fence, speed.FILE, reason, speed.COMMAND) from None


def _architecture(fence: Fence) -> Markup:
    """Render `architecture: packages`, `architecture: modules`, or the steps of a list of functions and classes."""
    if isinstance(fence.subject, list):
        try:
            return architecture_page.steps(map(str, fence.subject))
        except KeyError as unknown:
            raise fence.place.refuse(f"{unknown} is not in the package", "write stackdoc.package.module.name") from None
    parts = {"packages": architecture_page.packages, "modules": architecture_page.every_module}
    return parts[known_subject(fence, list(parts), "part")]()


def _refuse_file(fence: Fence, file: str, reason: ValueError, command: str) -> StackdocError:
    return fence.place.refuse(f"{fence.site.layout.data}/{file} {reason}", f"regenerate it: {command}")


def _tower(fence: Fence) -> Markup:
    """Render `tower:`, the large tower, or `tower: LAYER`, the small one with that layer highlighted."""
    if fence.subject in (None, "", True):
        return tower.tower(fence.site)
    return margin(fence.site, known_subject(fence, _layer_ids(fence), "layer"))


def _results(fence: Fence) -> Markup:
    """Render `results: 6`, that many cards of the most telling results."""
    if not isinstance(fence.subject, int) or fence.subject < 1:
        raise fence.place.refuse("needs the number of cards", "write results: 6")
    return cards.cards(fence.site, fence.subject)


def _path(fence: Fence) -> Markup:
    """Render `path: [data, encoding, model]`, a path through layers, with the layer `at` highlighted."""
    places = _layer_ids(fence)
    names = fence.subject if isinstance(fence.subject, list) else []
    if len(names) < 2:
        raise fence.place.refuse("needs a list of two layers or more", "write path: [data, encoding]")
    for key, id in [*(("path", str(id)) for id in names), *([("at", fence.text("at"))] if fence.text("at") else [])]:
        if id not in places:
            raise fence.places[key].refuse(f"unknown layer {id!r}", did_you_mean(id, places))
    return tower.path(fence.site, [str(id) for id in names], fence.text("at"), fence.text("caption"))


def _crosswalk(fence: Fence) -> Markup:
    """Render `crosswalk:`, the complete table, or `crosswalk: LAYER`, the row of that layer."""
    if fence.subject in (None, "", True):
        return crosswalk.grid(handbook(fence.site).stack)
    return layer_pages.source_chips(handbook(fence.site).stack, known_subject(fence, _layer_ids(fence), "layer"))


def _sources(fence: Fence) -> Markup:
    layer = known_subject(fence, _layer_ids(fence), "layer")
    return layer_pages.source_texts(handbook(fence.site).stack, layer) or element(
        "p", "No source covers this layer.", class_="sd-missing"
    )


def _layer_ids(fence: Fence) -> list[str]:
    return [place.id for place in handbook(fence.site).stack.places]


DIRECTIVES: Mapping[str, Directive] = {
    "compare": Directive(_compare, {**FIGURE_OPTIONS, "agree": (float, int)}),
    "claim": Directive(_claim),
    "calculator": Directive(calculator),
    "calc": Directive(calc.calc_fence, calc.OPTIONS),
    "when": Directive(outcomes.when, outcomes.OPTIONS),
    "crosswalk": Directive(_crosswalk),
    "tower": Directive(_tower),
    "results": Directive(_results),
    "tally": Directive(lambda fence: tally_sentence(fence.site)),
    "path": Directive(_path, {"at": (str,), "caption": (str,)}),
    "sources": Directive(_sources),
    "systems": Directive(_systems),
    "facts": Directive(_facts),
    "architecture": Directive(_architecture),
    "peers": Directive(_peers, cacheable=False),
    "speed": Directive(_speed, cacheable=False),
    "between": Directive(_between, cacheable=False),
}
