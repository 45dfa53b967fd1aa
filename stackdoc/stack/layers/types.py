"""The merged stack: canonical layers and planes, dependencies and rulings."""

from __future__ import annotations

from dataclasses import dataclass

from stackdoc.stack.taxonomies.types import Atom, SourceLayer, Taxonomy


@dataclass(frozen=True)
class Layer:
    """A canonical layer, or a plane (`height` 0), which concerns all layers.

    `height` counts levels from the bottom; layers of the same height are stages, from left to right. `question` is the
    question of the page, `summary` its answer in a sentence or two.
    """

    id: str
    name: str
    height: int
    stage: int
    question: str
    summary: str
    takes: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    not_here: tuple[str, ...] = ()

    @property
    def is_plane(self) -> bool:
        return self.height == 0


@dataclass(frozen=True)
class Dependency:
    """`above` needs `below`, for a `reason` of one line. Dependencies constrain the order."""

    above: str
    below: str
    reason: str


@dataclass(frozen=True)
class Ruling:
    """A decision of ours where the sources disagree or are silent, with the pairs, the reason and the alternatives."""

    id: str
    pairs: tuple[tuple[str, str], ...]
    decision: str
    reason: str
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stack:
    """`layers` from the bottom up, in the order computed from votes and dependencies; `planes` have no order.

    `taxonomies` are merged. `guests` are mapped to the result and shown beside it, and have no part in it.
    """

    title: str
    layers: tuple[Layer, ...]
    planes: tuple[Layer, ...]
    atoms: tuple[Atom, ...]
    dependencies: tuple[Dependency, ...]
    rulings: tuple[Ruling, ...]
    taxonomies: tuple[Taxonomy, ...]
    guests: tuple[Taxonomy, ...] = ()

    @property
    def sources(self) -> tuple[Taxonomy, ...]:
        """Every taxonomy, guests last; each has a page at `/sources/<id>/`."""
        return self.taxonomies + self.guests

    @property
    def places(self) -> tuple[Layer, ...]:
        """Every layer and plane; each has a page at `/layers/<id>/`."""
        return self.layers + self.planes

    def place(self, id: str) -> Layer:
        return next(layer for layer in self.places if layer.id == id)

    def taxonomy(self, source: str) -> Taxonomy:
        return next(taxonomy for taxonomy in self.sources if taxonomy.source.id == source)

    def source_layer(self, qualified: str) -> SourceLayer:
        source, _, label = qualified.partition(":")
        return self.taxonomy(source).layer(label)
