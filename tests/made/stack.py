"""A made-up stack of seven layers and a plane from four sources, small enough for its votes to be counted by hand.

From the bottom up, a row between bars (`one-again` is a copy of `one`):

    one    chip | node | code | model | app
    two    site chip | data model | app; upkeep stands outside
    three  chip | data | code | node | app
"""

from __future__ import annotations

from stackdoc.stack.layers.types import Dependency, Layer, Ruling, Stack
from stackdoc.stack.taxonomies.types import Atom, Mapping, Source, SourceLayer, Taxonomy

LAYERS = ("site", "chip", "node", "code", "data", "model", "app")
NEEDS = {"chip": "site", "code": "node", "data": "code", "model": "data"}


def made_taxonomy(id: str, lineage: str, rows: str, outside: str = "") -> Taxonomy:
    """A source whose rows hold the layers named between bars; `outside` names those of a row without a position."""
    inside = [(str(number), number, row) for number, row in enumerate(rows.split("|"), 1)]
    every = (*inside, ("X", None, outside)) if outside else inside
    source = Source(id, id, id, "", "", "", lineage, "", "", "")
    return Taxonomy(source, tuple(_row(id, label, position, held.split()) for label, position, held in every))


def _row(source: str, label: str, position: int | None, held: list[str]) -> SourceLayer:
    mappings = tuple(Mapping(layer, "close") for layer in held)
    return SourceLayer(source, label, position, f"Row {label}", "…", atoms=tuple(held), mappings=mappings)


def made_stack() -> Stack:
    """Each layer has one atom, of its own name; the one pair on which the sources split is ruled on."""
    return Stack(
        title="Made up",
        layers=tuple(Layer(id, id, height, 1, "?", "!") for height, id in enumerate(LAYERS, 1)),
        planes=(Layer("upkeep", "upkeep", 0, 1, "?", "!"),),
        atoms=tuple(Atom(id, id, id) for id in (*LAYERS, "upkeep")),
        dependencies=tuple(Dependency(above, below, "so") for above, below in NEEDS.items()),
        rulings=(Ruling("node-first", (("node", "code"),), "The node comes first.", "Code runs on it."),),
        taxonomies=(
            made_taxonomy("one", "a", "chip | node | code | model | app"),
            made_taxonomy("one-again", "a", "chip | node | code | model | app"),
            made_taxonomy("three", "c", "chip | data | code | node | app"),
            made_taxonomy("two", "b", "site chip | data model | app", outside="upkeep"),
        ),
    )
