"""What each source covers, whether its outputs meet its inputs, and what one number means in each source."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stackdoc.stack.layers.types import Stack
from stackdoc.stack.taxonomies.types import SourceLayer, Taxonomy, label_order

SHORTEST = 4  # letters of a word that may connect an output to an input
STOP_WORDS = frozenset({"from", "into", "layer", "layers", "more", "other", "over", "that", "this", "very", "with"})


@dataclass(frozen=True)
class Coverage:
    """The layers, planes and atoms that a source covers, in the order of the stack."""

    source: str
    layers: tuple[str, ...]
    planes: tuple[str, ...]
    atoms: tuple[str, ...]


@dataclass(frozen=True)
class Join:
    """A printed output and the rows (qualified) that use it as an input.

    An input uses an output if they share a word, or if the input names the number of the row.
    """

    row: str
    output: str
    takers: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True)
class Collision:
    """A printed label and the rows (qualified) that have it but cover different layers of ours."""

    label: str
    rows: tuple[str, ...]


def coverage(stack: Stack) -> tuple[Coverage, ...]:
    return tuple(_coverage(stack, taxonomy) for taxonomy in stack.taxonomies)


def _coverage(stack: Stack, taxonomy: Taxonomy) -> Coverage:
    covered = {atom for row in taxonomy.layers for atom in row.atoms}
    atoms = tuple(atom for atom in stack.atoms if atom.id in covered)
    place_ids = {atom.layer for atom in atoms}
    return Coverage(
        taxonomy.source.id,
        tuple(layer.id for layer in stack.layers if layer.id in place_ids),
        tuple(plane.id for plane in stack.planes if plane.id in place_ids),
        tuple(atom.id for atom in atoms),
    )


def lineages_by_atom(stack: Stack) -> dict[str, tuple[str, ...]]:
    """Return the lineages that cover each atom, in the order of the stack."""
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
    """Return each printed output of the source with the rows that use it. Words are compared, not meanings."""
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
    """Return the longer words, without stop words or a final s."""
    words = {word.removesuffix("s") for text in texts for word in re.findall(r"[^\W\d_]+", text.lower())}
    return {word for word in words if len(word) >= SHORTEST} - STOP_WORDS


def _names(text: str, label: str) -> bool:
    return re.search(rf"\blayer {re.escape(label.lower())}\b", text.lower()) is not None


def collisions(stack: Stack) -> tuple[Collision, ...]:
    """Return the labels that mean different layers in different sources, numbers first; reprints do not collide."""
    homes = {atom.id: atom.layer for atom in stack.atoms}
    rows: dict[str, list[SourceLayer]] = {}
    for taxonomy in stack.taxonomies:
        for row in taxonomy.layers:
            rows.setdefault(row.label, []).append(row)
    return tuple(
        Collision(label, tuple(row.qualified for row in same_label))
        for label, same_label in sorted(rows.items(), key=lambda item: label_order(item[0]))
        if len({frozenset(homes.get(atom, atom) for atom in row.atoms) for row in same_label if not row.same_as}) > 1
    )
