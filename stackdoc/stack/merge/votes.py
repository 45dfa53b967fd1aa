"""The votes of the sources on the order of each pair of layers; all copies within a lineage cast one vote."""

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
    """The position of a layer in a source: the lowest and highest of its rows (qualified), by its atoms."""

    low: int
    high: int
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Vote:
    """The vote of a lineage on a pair: `side` is where it has the lower layer, so "below" agrees with our order.

    The rows are those of its sources that contain the lower and the upper layer.
    """

    lineage: str
    side: Side
    lower_rows: tuple[str, ...]
    upper_rows: tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    """Two layers in the order of the stack, and the votes of the lineages that contain both."""

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
        """Whether two or more lineages agree, one takes a side, none does, none has both layers, or they disagree."""
        if not self.votes:
            return "never"
        if self.agreeing and self.against:
            return "split"
        sides = self.agreeing + self.against
        return "same" if not sides else "one" if sides == 1 else "unanimous"


@dataclass(frozen=True)
class Bond:
    """What orders a pair: `word` is for a badge, `detail` in sentences; the kind "ruling" means that we decided."""

    kind: Kind | Literal["ruling"]
    word: str
    detail: str


def spans(taxonomy: Taxonomy, homes: Mapping[str, str]) -> dict[str, Span]:
    """Return the span of every layer and plane in the source; `homes` maps atoms to layers.

    Rows outside the tower have no position and are left out.
    """
    rows: dict[str, list[tuple[int, str]]] = {}
    for row in taxonomy.layers:
        if row.position is not None:
            for place in {homes[atom] for atom in row.atoms if atom in homes}:
                rows.setdefault(place, []).append((row.position, row.qualified))
    return {
        place: Span(min(positions)[0], max(positions)[0], tuple(name for _, name in sorted(positions)))
        for place, positions in sorted(rows.items())
    }


def pairs(stack: Stack) -> tuple[Pair, ...]:
    """Return every pair of layers, the lower one first, with all votes."""
    homes = {atom.id: atom.layer for atom in stack.atoms}
    spans_by_lineage: dict[str, list[dict[str, Span]]] = {}
    for taxonomy in sorted(stack.taxonomies, key=lambda taxonomy: taxonomy.source.id):
        spans_by_lineage.setdefault(taxonomy.source.lineage, []).append(spans(taxonomy, homes))
    return tuple(
        Pair(lower.id, upper.id, tuple(_votes(spans_by_lineage, lower.id, upper.id)))
        for lower, upper in combinations(stack.layers, 2)
    )


def _votes(spans_by_lineage: Mapping[str, list[dict[str, Span]]], lower: str, upper: str) -> Iterable[Vote]:
    for lineage, sources in sorted(spans_by_lineage.items()):
        both = [(source[lower], source[upper]) for source in sources if lower in source and upper in source]
        if both:
            lower_rows = tuple(row for span, _ in both for row in span.rows)
            upper_rows = tuple(row for _, span in both for row in span.rows)
            yield Vote(lineage, _side(both), lower_rows, upper_rows)


def _side(both: Iterable[tuple[Span, Span]]) -> Side:
    """Return below or above if the spans are disjoint; copies that contradict each other take no side."""
    sides: set[Side] = set()
    for lower, upper in both:
        if lower.high < upper.low:
            sides.add("below")
        elif upper.high < lower.low:
            sides.add("above")
    return sides.pop() if len(sides) == 1 else "same"


def count_votes(all_pairs: Iterable[Pair], without: str = "") -> dict[tuple[str, str], int]:
    """Count the lineages for each (lower, upper); `without` leaves one lineage out."""
    votes: Counter[tuple[str, str]] = Counter()
    for pair in all_pairs:
        for vote in pair.votes:
            if vote.lineage != without and vote.side != "same":
                votes[(pair.lower, pair.upper) if vote.side == "below" else (pair.upper, pair.lower)] += 1
    return dict(votes)


def find_ruling(stack: Stack, lower: str, upper: str) -> Ruling | None:
    """Return the first ruling on the pair."""
    return next((candidate for candidate in stack.rulings if (lower, upper) in candidate.pairs), None)


def find_dependency(stack: Stack, lower: str, upper: str) -> Dependency | None:
    """Return the dependency of the upper layer on the lower one."""
    return next((edge for edge in stack.dependencies if (edge.below, edge.above) == (lower, upper)), None)


def bond(stack: Stack, lower: str, upper: str) -> Bond:
    """Return what orders two layers: a ruling, the votes or a dependency. Raises StopIteration for an unknown pair."""
    pair = next(pair for pair in pairs(stack) if (pair.lower, pair.upper) == (lower, upper))
    ruling, dependency = find_ruling(stack, lower, upper), find_dependency(stack, lower, upper)
    needed = f"{dependency.reason.rstrip('.')}." if dependency else ""
    decided = f"Our ruling: {ruling.decision.rstrip('.')}." if ruling else ""
    detail = " ".join(part for part in (_votes_text(pair), needed, decided) if part)
    return Bond("ruling" if ruling else pair.kind, _word(pair, ruling is not None, dependency is not None), detail)


def _word(pair: Pair, ruled: bool, needed: bool) -> str:
    if pair.kind == "split":
        return f"split {pair.agreeing}-{pair.against}"
    if ruled:
        return "ruling"
    if pair.kind in ("same", "never"):
        return "dependency" if needed else "editorial"
    return "1 source" if pair.kind == "one" else f"{pair.agreeing}/{len(pair.votes)}"


def _votes_text(pair: Pair) -> str:
    if not pair.votes:
        return "No source has both."
    return "; ".join(_vote_text(vote) for vote in pair.votes) + "."


def _vote_text(vote: Vote) -> str:
    """Describe a vote by the rows of the first source of the lineage: `8-layer:7 above 8-layer:2`."""
    lower, upper = _of_first_source(vote.lower_rows), _of_first_source(vote.upper_rows)
    if lower == upper:
        return f"both in {lower}"
    return f"{lower} {'beside' if vote.side == 'same' else vote.side} {upper}"


def _of_first_source(rows: tuple[str, ...]) -> str:
    source = rows[0].partition(":")[0]
    return ", ".join(row for row in rows if row.partition(":")[0] == source)
