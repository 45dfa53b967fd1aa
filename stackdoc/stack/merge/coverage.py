"""What each source covers, whether its own inputs and outputs join, and what one number means in all of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stackdoc.stack.layers.types import Stack
from stackdoc.stack.taxonomies.types import SourceLayer, Taxonomy

SHORT = 4  # letters: shorter words join nothing
IDLE = frozenset({"from", "into", "layer", "layers", "more", "other", "over", "that", "this", "very", "with"})


@dataclass(frozen=True)
class Coverage:
    """The layers, planes and atoms that a source holds, in the order of the stack."""

    source: str
    layers: tuple[str, ...]
    planes: tuple[str, ...]
    atoms: tuple[str, ...]


@dataclass(frozen=True)
class Join:
    """A printed output and the rows (qualified) whose inputs take it up: by a word in common, or by its row's number.

    No rows: nothing of the source takes it.
    """

    row: str
    output: str
    takers: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True)
class Collision:
    """One printed label and the rows (qualified) that carry it, when they hold different layers of ours."""

    label: str
    rows: tuple[str, ...]


def coverage(stack: Stack) -> tuple[Coverage, ...]:
    return tuple(_coverage(stack, taxonomy) for taxonomy in stack.taxonomies)


def _coverage(stack: Stack, taxonomy: Taxonomy) -> Coverage:
    held = {atom for row in taxonomy.layers for atom in row.atoms}
    atoms = tuple(atom for atom in stack.atoms if atom.id in held)
    places = {atom.layer for atom in atoms}
    return Coverage(
        taxonomy.source.id,
        tuple(layer.id for layer in stack.layers if layer.id in places),
        tuple(plane.id for plane in stack.planes if plane.id in places),
        tuple(atom.id for atom in atoms),
    )


def witnesses(stack: Stack) -> dict[str, tuple[str, ...]]:
    """The lineages that hold each atom, by atom in the order of the stack."""
    return {
        atom.id: tuple(
            sorted(
                {
                    taxonomy.source.lineage
                    for taxonomy in stack.taxonomies
                    for row in taxonomy.layers
                    if atom.id in row.atoms
                }
            )
        )
        for atom in stack.atoms
    }


def joins(taxonomy: Taxonomy) -> tuple[Join, ...]:
    """Each printed output of the source with the other rows that take it. Words are compared, not meanings."""
    return tuple(_join(taxonomy, row, output) for row in taxonomy.layers for output in row.outputs)


def _join(taxonomy: Taxonomy, row: SourceLayer, output: str) -> Join:
    takers: list[str] = []
    shared: set[str] = set()
    for other in taxonomy.layers:
        if other.label != row.label:
            words = _words(output) & _words(*other.inputs)
            if words or any(_names(printed, row.label) for printed in other.inputs):
                takers.append(other.qualified)
                shared |= words
    return Join(row.qualified, output, tuple(takers), tuple(sorted(shared)))


def _words(*texts: str) -> set[str]:
    """Words of some length in the singular, as far as a final s tells."""
    found = {word.removesuffix("s") for text in texts for word in re.findall(r"[^\W\d_]+", text.lower())}
    return {word for word in found if len(word) >= SHORT} - IDLE


def _names(text: str, label: str) -> bool:
    return re.search(rf"\blayer {re.escape(label.lower())}\b", text.lower()) is not None


def collisions(stack: Stack) -> tuple[Collision, ...]:
    """Labels that mean different layers in different sources, numbers first; copies of one lineage do not collide."""
    homes = {atom.id: atom.layer for atom in stack.atoms}
    rows: dict[str, list[SourceLayer]] = {}
    for taxonomy in stack.taxonomies:
        for row in taxonomy.layers:
            rows.setdefault(row.label, []).append(row)
    return tuple(
        Collision(label, tuple(row.qualified for row in found))
        for label, found in sorted(rows.items(), key=lambda item: (not item[0].isdigit(), item[0].zfill(9)))
        if len({frozenset(homes.get(atom, atom) for atom in row.atoms) for row in found if not row.same_as}) > 1
    )
