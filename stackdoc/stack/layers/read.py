"""The merged stack: its file, checked against the taxonomies and against the order that follows from them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice, pairwise

from stackdoc.errors import COMPARED, Problem, did_you_mean
from stackdoc.project import Layout
from stackdoc.reading.decode import MOST_PROBLEMS, decode
from stackdoc.reading.document import Document
from stackdoc.reading.strict_yaml import parse
from stackdoc.reading.text import read_text
from stackdoc.stack.layers.types import Dependency, Layer, Ruling, Stack
from stackdoc.stack.merge.merge import settled
from stackdoc.stack.merge.order import LIMIT, find_cycle, overruled
from stackdoc.stack.merge.votes import Pair, counted, pairs
from stackdoc.stack.taxonomies.read import Reading, list_files, readings
from stackdoc.stack.taxonomies.types import Atom, SourceLayer


@dataclass(frozen=True)
class StackFile:
    """What docs/data/stack.yml states; the taxonomies stand in files of their own."""

    title: str
    layers: tuple[Layer, ...]
    planes: tuple[Layer, ...] = ()
    atoms: tuple[Atom, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    rulings: tuple[Ruling, ...] = ()


def read_stack(layout: Layout, problems: list[Problem]) -> Stack | None:
    """The stack with its taxonomies, layers in the computed order; all problems are reported.

    None when a part of it can't be read at all, so that nothing is looked up in half a stack.
    """
    before = len(problems)
    sources = readings(layout, problems)
    file = layout.collection("stack")
    text = read_text(layout.root, file, problems)
    document = parse(file, text, problems) if text is not None else None
    stated = decode(StackFile, document, problems) if document else None
    if stated is None or document is None:
        return None
    problems.extend(islice(_faults(stated, document), MOST_PROBLEMS))
    for source in sources:
        problems.extend(islice(_row_faults(stated, source, sources), MOST_PROBLEMS))
    stack = Stack(
        title=stated.title,
        layers=tuple(sorted(stated.layers, key=lambda layer: (layer.height, layer.stage))),
        planes=stated.planes,
        atoms=stated.atoms,
        dependencies=stated.dependencies,
        rulings=stated.rulings,
        taxonomies=tuple(source.taxonomy for source in sources),
    )
    if len(problems) == before:
        problems.extend(_order_faults(stack, document))
    whole = len(sources) == len(list_files(layout))
    return stack if whole else None


def _faults(stated: StackFile, document: Document) -> Iterator[Problem]:
    """What is wrong with the file by itself."""
    layers, planes = [layer.id for layer in stated.layers], [plane.id for plane in stated.planes]
    if not layers:
        yield document.problem(("layers",), "is empty", "a stack has layers")
    if len(layers) > LIMIT:
        yield document.problem(("layers",), f"has {len(layers)} layers; an exact order is computed for at most {LIMIT}")
    yield from _place_faults(stated, document)
    for index, atom in enumerate(stated.atoms):
        if atom.layer not in layers + planes:
            message = f"atom {atom.id!r} is in no layer: unknown layer {atom.layer!r}"
            yield document.problem(("atoms", index, "layer"), message, did_you_mean(atom.layer, layers + planes))
    for index, edge in enumerate(stated.dependencies):
        for key in ("above", "below"):
            name = getattr(edge, key)
            if name not in layers:
                message = f"{name!r} is a plane, which has no height" if name in planes else f"unknown layer {name!r}"
                hint = "" if name in planes else did_you_mean(name, layers)
                yield document.problem(("dependencies", index, key), message, hint)
    if cycle := find_cycle((edge.below, edge.above) for edge in stated.dependencies):
        first = next(k for k, edge in enumerate(stated.dependencies) if (edge.below, edge.above) == cycle[:2])
        message = f"dependencies form a cycle: {' needs '.join(reversed(cycle))}"
        yield document.problem(("dependencies", first), message, "take one of them out")
    for index, ruling in enumerate(stated.rulings):
        for number, pair in enumerate(ruling.pairs):
            for side, name in enumerate(pair):
                if name not in layers + planes:
                    hint = did_you_mean(name, layers + planes)
                    yield document.problem(("rulings", index, "pairs", number, side), f"unknown layer {name!r}", hint)


def _place_faults(stated: StackFile, document: Document) -> Iterator[Problem]:
    """Heights, stages, and ids that layers and planes share."""
    drawn: dict[tuple[int, int], str] = {}
    for index, layer in enumerate(stated.layers):
        place = (layer.height, layer.stage)
        if layer.height < 1:
            yield document.problem(("layers", index, "height"), f"found {layer.height}; the lowest layer has height 1")
        elif drawn.setdefault(place, layer.id) != layer.id:
            message = f"{layer.id!r} has the height and stage of {drawn[place]!r}"
            yield document.problem(("layers", index, "stage"), message, "number the stages of one height")
    names = {layer.id for layer in stated.layers}
    for index, plane in enumerate(stated.planes):
        if plane.height:
            yield document.problem(("planes", index, "height"), f"found {plane.height}; a plane has height 0")
        if plane.id in names:
            yield document.problem(("planes", index, "id"), f"{plane.id!r} is a layer too")


def _row_faults(stated: StackFile, source: Reading, sources: Sequence[Reading]) -> Iterator[Problem]:
    """Rows that name no atom or an unknown one, and mappings that the atoms do not bear out."""
    homes = {atom.id: atom.layer for atom in stated.atoms}
    places = [place.id for place in (*stated.layers, *stated.planes)]
    for row in source.taxonomy.layers:
        if not row.atoms:
            near = ", ".join(nearest(row, stated.atoms, sources))
            message = f"source layer {row.qualified} ({row.name}) is mapped to no atom"
            yield source.problem(row, "atoms", message, f"nearest: {near}" if near else "")
        for index, atom in enumerate(row.atoms):
            if atom not in homes:
                yield source.problem(row, "atoms", f"unknown atom {atom!r}", did_you_mean(atom, homes), index)
        for index, mapping in enumerate(row.mappings):
            if mapping.layer not in places:
                hint = did_you_mean(mapping.layer, places)
                yield source.problem(row, "mappings", f"unknown layer {mapping.layer!r}", hint, index)
        if any(homes.get(atom) not in places for atom in row.atoms):
            continue  # said above, or of the atom
        held, mapped = {homes[atom] for atom in row.atoms}, {mapping.layer for mapping in row.mappings}
        for place in sorted(held - mapped):
            names = ", ".join(atom for atom in row.atoms if homes[atom] == place)
            message = f"{row.qualified} holds {names} of {place!r}, but no mapping says how it relates to {place!r}"
            yield source.problem(row, "mappings", message, f"add {{layer: {place}, relation: …}}")
        for index, mapping in enumerate(row.mappings):
            if row.atoms and mapping.layer in places and mapping.layer not in held:
                message = f"{row.qualified} is mapped to {mapping.layer!r} but holds no atom of it"
                yield source.problem(row, "mappings", message, "add the atom or take the mapping out", index)


def nearest(row: SourceLayer, atoms: Sequence[Atom], sources: Sequence[Reading]) -> tuple[str, ...]:
    """The three atoms that share most words with the row, by their own text and by the rows that hold them."""
    wanted = _words(row.name, row.description, *row.aliases, *row.inputs, *row.outputs)
    holding: dict[str, list[str]] = {}
    for other in (other for source in sources for other in source.taxonomy.layers):
        for atom_id in other.atoms:
            holding.setdefault(atom_id, []).append(other.name)
    scores = {
        atom.id: len(wanted & _words(atom.id, atom.name, atom.layer, atom.note, *holding.get(atom.id, ())))
        for atom in atoms[:COMPARED]
    }
    ranked = sorted((atom for atom in scores if scores[atom]), key=lambda atom: (-scores[atom], atom))
    return tuple(ranked[:3])


def _words(*texts: str) -> set[str]:
    found = {word.removesuffix("s") for text in texts for word in re.findall(r"[^\W\d_]+", text.lower())}
    return {word for word in found if len(word) > 3}


def _order_faults(stack: Stack, document: Document) -> Iterator[Problem]:
    """Splits nobody ruled on, rulings that the order contradicts, and heights other than those that follow."""
    found = pairs(stack)
    yield from _unruled(stack, found, document)
    order = [layer.id for layer in stack.layers]
    at = {layer: place for place, layer in enumerate(order)}
    for index, edge in enumerate(stack.dependencies):
        if at[edge.below] > at[edge.above]:
            message = f"{edge.above!r} needs {edge.below!r} but is drawn below it"
            yield document.problem(("dependencies", index), message, "change a height or stage, or take the edge out")
    for index, ruling in enumerate(stack.rulings):
        for number, (lower, upper) in enumerate(ruling.pairs):
            if lower in at and upper in at and at[lower] > at[upper]:
                message = f"says that {lower!r} stands below {upper!r}, but it is drawn above"
                yield document.problem(
                    ("rulings", index, "pairs", number), message, "a ruling names the lower one first"
                )
    best, votes = settled(stack, found), counted(found)
    if overruled(order, votes) > best.cost:
        lower, upper = _first_swap(order, best.orders[0])
        message = (
            f"the heights overrule {overruled(order, votes)} votes, the best order {best.cost}: "
            f"it has {upper!r} above {lower!r}"
        )
        yield document.problem(("layers",), message, f"from the bottom: {', '.join(best.orders[0])}")


def _first_swap(drawn: Sequence[str], best: Sequence[str]) -> tuple[str, str]:
    """The first pair, from the bottom, that stands the other way round in the best order."""
    at = {layer: place for place, layer in enumerate(best)}
    return next((upper, lower) for lower, upper in pairwise(drawn) if at[lower] > at[upper])


def _unruled(stack: Stack, found: Sequence[Pair], document: Document) -> Iterator[Problem]:
    ruled = {frozenset(pair) for ruling in stack.rulings for pair in ruling.pairs}
    for pair in found:
        if pair.kind == "split" and frozenset((pair.lower, pair.upper)) not in ruled:
            by_side = {
                side: ", ".join(vote.lineage for vote in votes)
                for side, votes in groupby(sorted(pair.votes, key=lambda vote: vote.side), key=lambda vote: vote.side)
            }
            rows = "; ".join(
                f"{' and '.join(vote.lower_rows)} {vote.side} {' and '.join(vote.upper_rows)}"
                for vote in pair.votes
                if vote.side != "same"
            )
            message = (
                f"the sources split on {pair.lower!r} and {pair.upper!r}: lineage {by_side['below']} has "
                f"{pair.lower!r} below, lineage {by_side['above']} above ({rows})"
            )
            hint = f"add a ruling with pairs: [[{pair.lower}, {pair.upper}]], or correct the atoms of one of these rows"
            yield document.problem(("rulings",), message, hint)
