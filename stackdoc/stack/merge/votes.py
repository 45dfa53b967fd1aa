"""What the sources say about the order of each pair of layers. A lineage has one vote, however often it was copied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from stackdoc.stack.layers.types import Dependency, Ruling, Stack
from stackdoc.stack.taxonomies.types import Taxonomy

Side = Literal["below", "above", "same"]
Kind = Literal["unanimous", "one", "same", "never", "split"]


@dataclass(frozen=True)
class Span:
    """Where a source has a layer: the lowest and highest position of its rows (qualified) that hold an atom of it."""

    low: int
    high: int
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Vote:
    """The word of a lineage on a pair: `side` is where it has the pair's lower layer, so "below" agrees with us.

    The rows are those of its sources that hold each of the two layers.
    """

    lineage: str
    side: Side
    lower_rows: tuple[str, ...]
    upper_rows: tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    """Two layers in the order of the stack and the votes of the lineages that hold both, by lineage."""

    lower: str
    upper: str
    votes: tuple[Vote, ...]

    @property
    def agreeing(self) -> int:
        return sum(vote.side == "below" for vote in self.votes)

    @property
    def against(self) -> int:
        return sum(vote.side == "above" for vote in self.votes)

    @property
    def kind(self) -> Kind:
        """Two or more agree, one alone takes a side, all hold both in one place, none holds both, or they differ."""
        if not self.votes:
            return "never"
        if self.agreeing and self.against:
            return "split"
        sides = self.agreeing + self.against
        return "same" if not sides else "one" if sides == 1 else "unanimous"


@dataclass(frozen=True)
class Bond:
    """What holds a pair in its order: `word` for a badge, `detail` in sentences; "ruling": we decided it."""

    kind: Kind | Literal["ruling"]
    word: str
    detail: str


def spans(taxonomy: Taxonomy, homes: Mapping[str, str]) -> dict[str, Span]:
    """The span of every layer and plane the source holds; `homes` gives the place of each atom.

    Rows outside the tower have no position and give none.
    """
    rows: dict[str, list[tuple[int, str]]] = {}
    for row in taxonomy.layers:
        if row.position is not None:
            for place in {homes[atom] for atom in row.atoms if atom in homes}:
                rows.setdefault(place, []).append((row.position, row.qualified))
    return {
        place: Span(min(found)[0], max(found)[0], tuple(name for _, name in sorted(found)))
        for place, found in sorted(rows.items())
    }


def pairs(stack: Stack) -> tuple[Pair, ...]:
    """Every pair of layers, the lower of our order first, with all votes."""
    homes = {atom.id: atom.layer for atom in stack.atoms}
    held: dict[str, list[dict[str, Span]]] = {}
    for taxonomy in sorted(stack.taxonomies, key=lambda taxonomy: taxonomy.source.id):
        held.setdefault(taxonomy.source.lineage, []).append(spans(taxonomy, homes))
    return tuple(
        Pair(lower.id, upper.id, tuple(_votes(held, lower.id, upper.id)))
        for lower, upper in combinations(stack.layers, 2)
    )


def _votes(held: Mapping[str, list[dict[str, Span]]], lower: str, upper: str) -> Iterable[Vote]:
    for lineage, sources in sorted(held.items()):
        both = [(source[lower], source[upper]) for source in sources if lower in source and upper in source]
        if both:
            lower_rows = tuple(row for span, _ in both for row in span.rows)
            upper_rows = tuple(row for _, span in both for row in span.rows)
            yield Vote(lineage, _side(both), lower_rows, upper_rows)


def _side(both: Iterable[tuple[Span, Span]]) -> Side:
    """Below or above when the spans lie apart; copies that contradict one another take no side."""
    sides: set[Side] = set()
    for lower, upper in both:
        if lower.high < upper.low:
            sides.add("below")
        elif upper.high < lower.low:
            sides.add("above")
    return sides.pop() if len(sides) == 1 else "same"


def counted(found: Iterable[Pair], without: str = "") -> dict[tuple[str, str], int]:
    """(lower, upper) -> how many lineages say so; `without` leaves one lineage out."""
    votes: Counter[tuple[str, str]] = Counter()
    for pair in found:
        for vote in pair.votes:
            if vote.lineage != without and vote.side != "same":
                votes[(pair.lower, pair.upper) if vote.side == "below" else (pair.upper, pair.lower)] += 1
    return dict(votes)


def ruling(stack: Stack, lower: str, upper: str) -> Ruling | None:
    """The first ruling on the pair."""
    return next((found for found in stack.rulings if (lower, upper) in found.pairs), None)


def dependency(stack: Stack, lower: str, upper: str) -> Dependency | None:
    """The edge that says the upper layer needs the lower one."""
    return next((edge for edge in stack.dependencies if (edge.below, edge.above) == (lower, upper)), None)


def bond(stack: Stack, lower: str, upper: str) -> Bond:
    """What holds two layers in order: a ruling, the votes, or a dependency. Raises StopIteration for no such pair."""
    pair = next(pair for pair in pairs(stack) if (pair.lower, pair.upper) == (lower, upper))
    ruled, edge = ruling(stack, lower, upper), dependency(stack, lower, upper)
    needed = f"{edge.reason.rstrip('.')}." if edge else ""
    decided = f"Our ruling: {ruled.decision.rstrip('.')}." if ruled else ""
    detail = " ".join(part for part in (_said(pair), needed, decided) if part)
    return Bond("ruling" if ruled else pair.kind, _word(pair, ruled is not None, edge is not None), detail)


def _word(pair: Pair, ruled: bool, needed: bool) -> str:
    if pair.kind == "split":
        return f"split {pair.agreeing}-{pair.against}"
    if ruled:
        return "ruling"
    if pair.kind in ("same", "never"):
        return "dependency" if needed else "editorial"
    return "1 source" if pair.kind == "one" else f"{pair.agreeing}/{len(pair.votes)}"


def _said(pair: Pair) -> str:
    if not pair.votes:
        return "No source holds both."
    return "; ".join(_sentence(vote) for vote in pair.votes) + "."


def _sentence(vote: Vote) -> str:
    """The vote by the rows of the lineage's first source: `8-layer:7 above 8-layer:2`."""
    lower, upper = _of_first_source(vote.lower_rows), _of_first_source(vote.upper_rows)
    if lower == upper:
        return f"both in {lower}"
    return f"{lower} {'beside' if vote.side == 'same' else vote.side} {upper}"


def _of_first_source(rows: tuple[str, ...]) -> str:
    source = rows[0].partition(":")[0]
    return ", ".join(row for row in rows if row.partition(":")[0] == source)
