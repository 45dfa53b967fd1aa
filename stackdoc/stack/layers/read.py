"""Read the merged stack, and check it against the taxonomies and the order that follows from them."""

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
from stackdoc.stack.merge.merge import best_with_dependencies
from stackdoc.stack.merge.order import LIMIT, find_cycle, overruled
from stackdoc.stack.merge.votes import Pair, count_votes, pairs
from stackdoc.stack.taxonomies.read import Reading, list_files, readings
from stackdoc.stack.taxonomies.types import Atom, SourceLayer


@dataclass(frozen=True)
class StackFile:
    """The content of docs/data/stack.yml; the taxonomies have their own files."""

    title: str
    layers: tuple[Layer, ...]
    planes: tuple[Layer, ...] = ()
    atoms: tuple[Atom, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    rulings: tuple[Ruling, ...] = ()


def read_stack(layout: Layout, problems: list[Problem]) -> Stack | None:
    """Read the stack with its taxonomies, and append all problems to `problems`.

    Returns None if a part can't be read, since references can't be checked against an incomplete stack.
    """
    problems_before = len(problems)
    sources = readings(layout, problems)
    file = layout.collection("stack")
    text = read_text(layout.root, file, problems)
    document = parse(file, text, problems) if text is not None else None
    stated = decode(StackFile, document, problems) if document else None
    if stated is None or document is None:
        return None
    problems.extend(islice(_file_problems(stated, document), MOST_PROBLEMS))
    for source in sources:
        problems.extend(islice(_row_problems(stated, source, sources), MOST_PROBLEMS))
    stack = Stack(
        title=stated.title,
        layers=tuple(sorted(stated.layers, key=lambda layer: (layer.height, layer.stage))),
        planes=stated.planes,
        atoms=stated.atoms,
        dependencies=stated.dependencies,
        rulings=stated.rulings,
        taxonomies=tuple(source.taxonomy for source in sources if not source.taxonomy.source.guest),
        guests=tuple(source.taxonomy for source in sources if source.taxonomy.source.guest),
    )
    if len(problems) == problems_before:
        problems.extend(_order_problems(stack, document))
    is_complete = len(sources) == len(list_files(layout))
    return stack if is_complete else None


def _file_problems(stated: StackFile, document: Document) -> Iterator[Problem]:
    """Yield what is wrong within the file."""
    layers, planes = [layer.id for layer in stated.layers], [plane.id for plane in stated.planes]
    if not layers:
        yield document.problem(("layers",), "is empty", "a stack has layers")
    if len(layers) > LIMIT:
        yield document.problem(("layers",), f"has {len(layers)} layers; an exact order is computed for at most {LIMIT}")
    yield from _place_problems(stated, document)
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
        first = next(
            position for position, edge in enumerate(stated.dependencies) if (edge.below, edge.above) == cycle[:2]
        )
        message = f"dependencies form a cycle: {' needs '.join(reversed(cycle))}"
        yield document.problem(("dependencies", first), message, "remove one of them")
    for index, ruling in enumerate(stated.rulings):
        for number, pair in enumerate(ruling.pairs):
            for side, name in enumerate(pair):
                if name not in layers + planes:
                    hint = did_you_mean(name, layers + planes)
                    yield document.problem(("rulings", index, "pairs", number, side), f"unknown layer {name!r}", hint)


def _place_problems(stated: StackFile, document: Document) -> Iterator[Problem]:
    """Yield invalid heights and stages, and ids shared by a layer and a plane."""
    seen: dict[tuple[int, int], str] = {}
    for index, layer in enumerate(stated.layers):
        place = (layer.height, layer.stage)
        if layer.height < 1:
            yield document.problem(("layers", index, "height"), f"found {layer.height}; the lowest layer has height 1")
        elif seen.setdefault(place, layer.id) != layer.id:
            message = f"{layer.id!r} has the height and stage of {seen[place]!r}"
            yield document.problem(("layers", index, "stage"), message, "number the stages of one height")
    names = {layer.id for layer in stated.layers}
    for index, plane in enumerate(stated.planes):
        if plane.height:
            yield document.problem(("planes", index, "height"), f"found {plane.height}; a plane has height 0")
        if plane.id in names:
            yield document.problem(("planes", index, "id"), f"{plane.id!r} is also a layer")


def rulings_to_review(stack: Stack) -> Iterator[Problem]:
    """Yield a problem for each ruling on a pair on which a lineage votes whose sources don't list it as `weighed`."""
    weighed = {(taxonomy.source.lineage, id) for taxonomy in stack.taxonomies for id in taxonomy.source.weighed}
    votes = {(pair.lower, pair.upper): pair.votes for pair in pairs(stack)}
    for ruling in stack.rulings:
        for lower, upper in ruling.pairs:
            for vote in votes.get((lower, upper), ()):
                if vote.side != "same" and (vote.lineage, ruling.id) not in weighed:
                    file = stack.taxonomy(vote.lower_rows[0].partition(":")[0]).file
                    message = f"votes on {lower!r} and {upper!r}, but the ruling {ruling.id!r} has not weighed it"
                    hint = f"read the ruling's reason again, then add {ruling.id} here"
                    yield Problem(file, 0, "source.weighed", message, hint)


def _row_problems(stated: StackFile, source: Reading, sources: Sequence[Reading]) -> Iterator[Problem]:
    """Yield unknown rulings, rows without a known atom, and mappings that disagree with the atoms."""
    homes = {atom.id: atom.layer for atom in stated.atoms}
    places = [place.id for place in (*stated.layers, *stated.planes)]
    rulings = [ruling.id for ruling in stated.rulings]
    for index, id in enumerate(source.taxonomy.source.weighed):
        if id not in rulings:
            hint = did_you_mean(id, rulings)
            yield source.document.problem(("source", "weighed", index), f"unknown ruling {id!r}", hint)
    for row in source.taxonomy.layers:
        if not row.atoms:
            suggestions = ", ".join(nearest(row, stated.atoms, sources))
            message = f"source layer {row.qualified} ({row.name}) is mapped to no atom"
            yield source.problem(row, "atoms", message, f"nearest: {suggestions}" if suggestions else "")
        for index, atom in enumerate(row.atoms):
            if atom not in homes:
                yield source.problem(row, "atoms", f"unknown atom {atom!r}", did_you_mean(atom, homes), index)
        for index, mapping in enumerate(row.mappings):
            if mapping.layer not in places:
                hint = did_you_mean(mapping.layer, places)
                yield source.problem(row, "mappings", f"unknown layer {mapping.layer!r}", hint, index)
        if any(homes.get(atom) not in places for atom in row.atoms):
            continue  # reported above, or with the atom
        atom_layers, mapped_layers = {homes[atom] for atom in row.atoms}, {mapping.layer for mapping in row.mappings}
        for place in sorted(atom_layers - mapped_layers):
            names = ", ".join(atom for atom in row.atoms if homes[atom] == place)
            message = f"{row.qualified} contains {names} of {place!r}, but has no mapping to {place!r}"
            yield source.problem(row, "mappings", message, f"add {{layer: {place}, relation: …}}")
        for index, mapping in enumerate(row.mappings):
            if row.atoms and mapping.layer in places and mapping.layer not in atom_layers:
                message = f"{row.qualified} is mapped to {mapping.layer!r} but contains no atom of it"
                yield source.problem(row, "mappings", message, "add the atom or remove the mapping", index)


def nearest(row: SourceLayer, atoms: Sequence[Atom], sources: Sequence[Reading]) -> tuple[str, ...]:
    """Return the three atoms that share most words with the row, in their own text or in the rows that contain them."""
    row_words = _words(row.name, row.description, *row.aliases, *row.inputs, *row.outputs)
    row_names: dict[str, list[str]] = {}
    for other in (other for source in sources for other in source.taxonomy.layers):
        for atom_id in other.atoms:
            row_names.setdefault(atom_id, []).append(other.name)
    scores = {
        atom.id: len(row_words & _words(atom.id, atom.name, atom.layer, atom.note, *row_names.get(atom.id, ())))
        for atom in atoms[:COMPARED]
    }
    ranked = sorted((atom for atom in scores if scores[atom]), key=lambda atom: (-scores[atom], atom))
    return tuple(ranked[:3])


def _words(*texts: str) -> set[str]:
    words = {word.removesuffix("s") for text in texts for word in re.findall(r"[^\W\d_]+", text.lower())}
    return {word for word in words if len(word) > 3}


def _order_problems(stack: Stack, document: Document) -> Iterator[Problem]:
    """Yield splits without a ruling, contradicted rulings and dependencies, and heights that are not the best."""
    all_pairs = pairs(stack)
    yield from _unruled(stack, all_pairs, document)
    order = [layer.id for layer in stack.layers]
    position = {layer: rank for rank, layer in enumerate(order)}
    for index, edge in enumerate(stack.dependencies):
        if position[edge.below] > position[edge.above]:
            message = f"{edge.above!r} needs {edge.below!r} but is drawn below it"
            yield document.problem(
                ("dependencies", index), message, "change a height or stage, or remove the dependency"
            )
    for index, ruling in enumerate(stack.rulings):
        for number, (lower, upper) in enumerate(ruling.pairs):
            if lower in position and upper in position and position[lower] > position[upper]:
                message = f"puts {lower!r} below {upper!r}, but it is drawn above"
                yield document.problem(
                    ("rulings", index, "pairs", number), message, "a ruling names the lower one first"
                )
    best, counts = best_with_dependencies(stack, all_pairs), count_votes(all_pairs)
    if overruled(order, counts) > best.cost:
        lower, upper = _first_swap(order, best.orders[0])
        message = (
            f"the heights overrule {overruled(order, counts)} votes, the best order {best.cost}: "
            f"it has {upper!r} above {lower!r}"
        )
        yield document.problem(("layers",), message, f"from the bottom: {', '.join(best.orders[0])}")


def _first_swap(heights: Sequence[str], best: Sequence[str]) -> tuple[str, str]:
    """Return the first pair, from the bottom, that the best order has the other way round."""
    position = {layer: index for index, layer in enumerate(best)}
    return next((upper, lower) for lower, upper in pairwise(heights) if position[lower] > position[upper])


def _unruled(stack: Stack, all_pairs: Sequence[Pair], document: Document) -> Iterator[Problem]:
    ruled = {frozenset(pair) for ruling in stack.rulings for pair in ruling.pairs}
    for pair in all_pairs:
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
