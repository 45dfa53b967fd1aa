"""What a fence can show, directive by directive."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial

from markupsafe import Markup

from stackdoc.errors import StackdocError, did_you_mean
from stackdoc.reading.decode import SLUG
from stackdoc.render import (
    alternatives,
    citation,
    claims,
    crosswalk,
    diagrams,
    figures,
    layers,
    listings,
    peers,
    speed,
    tables,
    waterfall,
)
from stackdoc.render.choice import ordered, unfolded
from stackdoc.render.code import listing
from stackdoc.render.formulas import equation
from stackdoc.render.html import element, join
from stackdoc.render.layer_frame import margin
from stackdoc.render.marks import NoRoof
from stackdoc.render.measured import Bench
from stackdoc.render.page import Assets
from stackdoc.render.points import Place, Wanted, chosen, known_example, wanted
from stackdoc.site import Site
from stackdoc.statistics.figure import QUANTITIES

SHORT = 6  # rows of a table that stands open below its figure; a longer one is one fold away


@dataclass(frozen=True)
class Fence:
    """`subject` is the value of the directive, `options` the other keys, checked; `place_of` finds a key's line."""

    site: Site
    subject: object
    options: Mapping[str, object]
    places: Mapping[str, Place]
    directive: str
    assets: Assets | None

    @property
    def place(self) -> Place:
        return self.places[self.directive]

    def text(self, name: str) -> str:
        return str(self.options.get(name, ""))

    def flag(self, name: str) -> bool | None:
        value = self.options.get(name)
        return value if isinstance(value, bool) else None


def _example(found: Fence) -> Markup:
    """`example: kernels/gemm`, with a figure, a table, or both."""
    site, example, device = found.site, known_example(found.site, str(found.subject), found.place), found.text("device")
    known = site.examples[example].devices
    if device and device not in known:
        raise found.places["device"].refuse(
            f"example {example!r} does not run on {device!r}", did_you_mean(device, known)
        )
    selections = _selections(found, example)
    if "figure" not in found.options:
        return _tables(found, example, selections, device)
    kind, _ = _among(found, "figure", FIGURES), _among(found, "quantity", QUANTITIES)
    drawn = _figures(found, example, kind, selections, device)
    if not found.flag("table"):
        return drawn
    below = _tables(found, example, selections, device)
    rows = max((len(chosen(bench.record, selections)) for bench in ordered(site, example, device)), default=0)
    fold = element("details", element("summary", "All points as a table"), below, class_="sd-data")
    return join([drawn, below if rows <= SHORT else fold])


def _among(found: Fence, key: str, known: Collection[str]) -> str:
    """The value of a key that may be left out, one of those known."""
    value = found.text(key)
    if key in found.options and value not in known:
        raise found.places[key].refuse(f"unknown {key} {value!r}", did_you_mean(value, known))
    return value


def _selections(found: Fence, example: str) -> tuple[Wanted, ...]:
    given = found.options.get("points", [])
    words = [given] if isinstance(given, str) else given
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise found.places["points"].refuse("points are names, or keys such as library;n=512")
    return tuple(wanted(found.site, example, word, found.places["points"]) for word in words)


def _tables(found: Fence, example: str, selections: tuple[Wanted, ...], device: str) -> Markup:
    figured = "figure" in found.options  # which then has the caption, and says what was not measured
    caption, select = "" if figured else found.text("caption"), partial(chosen, selections=selections)
    return tables.example_tables(found.site, example, select, device, caption, silent=figured)


def _figures(found: Fence, example: str, kind: str, selections: tuple[Wanted, ...], device: str) -> Markup:
    """The figure of the chosen machine; those of other machines one fold away."""
    site = found.site
    blocks = [(bench, _figure(found, bench, kind, selections)) for bench in ordered(site, example, device)]
    shown = unfolded(site, example, blocks, device)
    return element("div", *shown[:1], *tables.gaps(site, example, device), *shown[1:], class_="sd-measurements")


def _figure(found: Fence, bench: Bench, kind: str, selections: tuple[Wanted, ...]) -> Markup:
    said = found.text("x"), found.text("quantity"), found.flag("log"), found.text("caption")
    options = figures.Options(*said, tabled=bool(found.flag("table")))
    keys = chosen(bench.record, selections)
    try:
        if kind == "waterfall":
            return waterfall.figure(found.site.stack, bench, keys, options.caption)
        return figures.figure(found.site.root, bench, kind, keys, options, found.assets)
    except NoRoof as reason:
        return element("p", f"Not drawn for {bench.label}: {reason}.", class_="sd-missing")
    except ValueError as reason:
        if bench.stale or (selections and not keys):  # an older source may have had other points
            return element("p", f"Not drawn for {bench.label}: its runs leave these points out.", class_="sd-missing")
        raise found.places["figure"].refuse(f"{kind} of {bench.record.example!r} can't be drawn: {reason}") from None


def _compare(found: Fence) -> Markup:
    """`compare:` and a mapping of labels to points: alternatives, each of an example of its own."""
    named = found.subject
    if not isinstance(named, dict) or len(named) < 2:
        raise found.place.refuse("compares two points or more", "write label: EXAMPLE POINT k=v below compare:")
    kind, quantity = _among(found, "figure", alternatives.KINDS), _among(found, "quantity", QUANTITIES)
    rows = []
    for label, words in named.items():
        example, _, point = str(words).partition(" ")
        known_example(found.site, example, found.place)
        rows.append(alternatives.Row(str(label), example, wanted(found.site, example, point, found.place)))
    agree = found.options.get("agree")
    said = found.text("x"), found.flag("log"), found.text("caption"), bool(found.flag("table"))
    share = float(agree) if isinstance(agree, int | float) else None
    asked = alternatives.Asked(kind, quantity, *said, agree=share)
    try:
        return alternatives.block(found.site, rows, asked, found.assets)
    except ValueError as reason:
        raise found.place.refuse(f"can't be drawn: {reason}") from None


def _code(found: Fence) -> Markup:
    """`code: kernels/gemm`: the very lines that ran, whole or one cell."""
    example = found.site.examples[known_example(found.site, str(found.subject), found.place)]
    cell = found.options.get("cell")
    if not isinstance(cell, int):
        return listing(example)
    count = len(example.cells)
    if not 1 <= cell <= count:
        raise found.places["cell"].refuse(f"example {example.id!r} has no cell {cell}", f"its cells are 1 to {count}")
    return listing(example, example.cells[cell - 1])


def _claim(found: Fence) -> Markup:
    return claims.block(found.site, found.site.claims[_known(found, found.site.claims, "claim")])


def _facts(found: Fence) -> Markup:
    """`facts: <layer>`, one fact by its id, or a list of ids."""
    site = found.site
    if isinstance(found.subject, str) and found.subject in {place.id for place in site.stack.places}:
        return listings.facts_table(fact for fact in site.facts.values() if fact.layer == found.subject)
    ids = found.subject if isinstance(found.subject, list) else [found.subject]
    places = [place.id for place in site.stack.places]
    bad = next((id for id in ids if id not in site.facts), None)
    if bad is not None:
        raise found.place.refuse(f"unknown fact or layer {bad!r}", did_you_mean(str(bad), [*site.facts, *places]))
    return listings.facts_table(site.facts[str(id)] for id in ids)


def _systems(found: Fence) -> Markup:
    layer = _known(found, [place.id for place in found.site.stack.places], "layer")
    return listings.systems_table(found.site, layer)


def _peers(found: Fence) -> Markup:
    try:
        return peers.peers(found.site.root)
    except ValueError as reason:
        raise found.place.refuse(f"{peers.FILE} {reason}", f"write it anew: {peers.COMMAND}") from None


def _speed(found: Fence) -> Markup:
    part = _known(found, list(speed.PARTS), "part")
    try:
        return speed.speed(found.site.root, part)
    except ValueError as reason:
        raise found.place.refuse(f"{speed.FILE} {reason}", f"write it anew: {speed.COMMAND}") from None


def _cite(found: Fence) -> Markup:
    """The citation in words, and in each format for a reference manager."""
    try:
        work = citation.reference(found.site, str(found.subject))
    except StackdocError as error:
        raise found.place.refuse(error.problems[0].message, error.problems[0].hint) from None
    return citation.block(work)


def _math(found: Fence) -> Markup:
    """`math: |` and LaTeX: a formula on a line of its own."""
    if not isinstance(found.subject, str):
        raise found.place.refuse("a formula is a text", "write math: | and the LaTeX on the lines below")
    number, anchor = found.text("number"), found.text("anchor")
    for key in ("number", "anchor"):
        if key in found.options and not SLUG.fullmatch(found.text(key)):
            raise found.places[key].refuse(f"{key} is {found.text(key)!r}", "write small letters, digits and hyphens")
    return equation(found.subject, found.place, number, anchor or (f"equation-{number}" if number else ""))


def _known(found: Fence, known: Mapping[str, object] | list[str], word: str) -> str:
    name = str(found.subject)
    if name not in known:
        raise found.place.refuse(f"unknown {word} {name!r}", did_you_mean(name, known))
    return name


def _tower(found: Fence) -> Markup:
    """`tower:` draws it large; `tower: <layer>` small, with that layer's place in it."""
    if found.subject in (None, "", True):
        return diagrams.tower(found.site)
    return margin(found.site, _known(found, [place.id for place in found.site.stack.places], "layer"))


def _path(found: Fence) -> Markup:
    """`path: [data, encoding, model]`: the way of something through layers, with `at` lit."""
    places = [place.id for place in found.site.stack.places]
    named = found.subject if isinstance(found.subject, list) else []
    if len(named) < 2:
        raise found.place.refuse("a path is a list of two layers or more", "write path: [data, encoding]")
    for key, id in [*(("path", str(id)) for id in named), *([("at", found.text("at"))] if found.text("at") else [])]:
        if id not in places:
            raise found.places[key].refuse(f"unknown layer {id!r}", did_you_mean(id, places))
    return diagrams.path(found.site, [str(id) for id in named], found.text("at"), found.text("caption"))


def _crosswalk(found: Fence) -> Markup:
    """`crosswalk:` is the whole table; `crosswalk: <layer>` that layer's row."""
    if found.subject in (None, "", True):
        return crosswalk.grid(found.site.stack)
    return layers.strip(found.site.stack, _known(found, [place.id for place in found.site.stack.places], "layer"))


def _sources(found: Fence) -> Markup:
    layer = _known(found, [place.id for place in found.site.stack.places], "layer")
    return layers.voices(found.site.stack, layer) or element(
        "p", "No source speaks of this layer.", class_="sd-missing"
    )


FIGURES = (*figures.KINDS, "waterfall")
DIRECTIVES: dict[str, Callable[[Fence], Markup]] = {
    "example": _example,
    "compare": _compare,
    "code": _code,
    "claim": _claim,
    "crosswalk": _crosswalk,
    "tower": _tower,
    "path": _path,
    "sources": _sources,
    "systems": _systems,
    "facts": _facts,
    "machines": lambda found: listings.machines_table(found.site),
    "peers": _peers,
    "speed": _speed,
    "cite": _cite,
    "math": _math,
}
READING = {"cite", "peers", "speed"}  # they read a file themselves: a page for its revision, what a benchmark wrote
DRAWN = {**dict.fromkeys(("figure", "x", "quantity", "caption"), (str,)), **dict.fromkeys(("table", "log"), (bool,))}
OPTIONS: dict[str, dict[str, tuple[type, ...]]] = {
    "example": {**DRAWN, "points": (str, list), "device": (str,)},
    "compare": {**DRAWN, "agree": (float, int)},
    "code": {"cell": (int,)},
    "path": {"at": (str,), "caption": (str,)},
    "math": {"number": (int, str), "anchor": (str,)},
}
WORDS: dict[type, str] = {
    str: "a text",
    bool: "true or false",
    list: "a list",
    int: "a whole number",
    float: "a number",
}
