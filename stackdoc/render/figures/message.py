"""The title of a figure: one sentence that its record supports, whatever was measured.

A sentence compares two points only if they differ in one thing, a label or a parameter, and says that one is more only
if their intervals are more than 5 % apart. A reader can check both in the figure. The intervals bound a ratio from both
sides, so it is known less precisely than where each launch ran both sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, get_args

from stackdoc.errors import capitalised
from stackdoc.render.figures.drawing import Drawing, Mark, Word
from stackdoc.statistics import Figure, format_figure
from stackdoc.statistics.interval import BAND

Outcome = Literal["above", "below", "crossing", "undecided"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
MULTIPLE: Mapping[str, str] = {  # how often the quantity of one point is that of another
    "rate": "reached {ratio} the rate of",
    "bandwidth": "reached {ratio} the bandwidth of",
    "intensity": "had {ratio} the arithmetic intensity of",
    "memory": "took {ratio} the memory of",
    "energy": "took {ratio} the energy of",
}
TIMES = ("time", "device-time")
FASTER = (*TIMES, "rate", "bandwidth")


@dataclass(frozen=True)
class Contrast:
    """Two comparable marks: `more` has the larger value. `ratio` is None if an interval is missing or includes zero."""

    more: Mark
    less: Mark
    parameter: str  # in which they differ; empty for their labels
    ratio: Figure | None

    @property
    def is_apart(self) -> bool:
        return self.ratio is not None and self.ratio.low is not None and self.ratio.low > BAND

    @property
    def sides(self) -> tuple[str, str]:
        """What the two sides are called, the larger first."""
        return self._side(self.more), self._side(self.less)

    @property
    def by_number(self) -> bool:
        return any(word.is_number for word in self.more.words if word.parameter == self.parameter)

    def opening(self, name: str) -> str:
        """Return a side's name as the first word of a sentence; values of parameters may be names, such as `grpo`."""
        return _capital(name) if not self.parameter.strip(",") else name

    def _side(self, mark: Mark) -> str:
        return next(word.text for word in mark.words if word.parameter == self.parameter)


def message(drawn: Drawing) -> str:
    """Return the title, or an empty string if the record supports no sentence about these points."""
    marks = [mark for mark in drawn.marks if not mark.is_prediction and mark.words]
    if drawn.kind == "roofline" or drawn.quantity == "roof-share":
        return _under_the_roof(drawn.shares if drawn.kind == "roofline" else marks)
    if len(marks) == 1:
        return _single(marks[0], drawn.quantity)
    pairs = list(_pairs(marks))
    named = [pair for pair in pairs if not pair.by_number]
    numbered = [pair for pair in pairs if pair.by_number]
    return _of_names(drawn, named) or _of_numbers(drawn, numbered)


def outcome(drawn: Drawing) -> Outcome:
    """Return how the first point compares with the last one that is comparable, here and under all other conditions.

    `above` and `below` mean so wherever the intervals decide; they do so at one place at least.
    """
    marks = [mark for mark in drawn.marks if not mark.is_prediction and mark.words]
    pairs = list(_pairs(marks))
    pairs = [pair for pair in pairs if not pair.by_number] or pairs
    asked = next((pair for pair in reversed(pairs) if marks[0] in (pair.more, pair.less)), None)
    if asked is None:
        return "undecided"
    first = asked.sides[0 if asked.more is marks[0] else 1]
    alike = [pair for pair in pairs if set(pair.sides) == set(asked.sides) and pair.is_apart]
    sides: set[Outcome] = {"above" if pair.sides[0] == first else "below" for pair in alike}
    return sides.pop() if len(sides) == 1 else "crossing" if sides else "undecided"


def _pairs(marks: Sequence[Mark]) -> Iterator[Contrast]:
    """Yield each two marks that differ in one parameter alone, or in their label but in no common parameter."""
    described = [(mark, {word.parameter: word for word in mark.words}) for mark in marks]
    for (first, ours), (second, theirs) in combinations(described, 2):
        differing = {name for name in ours.keys() & theirs.keys() if ours[name] != theirs[name]}
        if len(differing) != 1 or not _same_parts(ours, theirs):
            continue
        if all(ours[name].is_label for name in differing) or ours.keys() == theirs.keys():
            more, less = (first, second) if first.value >= second.value else (second, first)
            yield Contrast(more, less, differing.pop(), ratio_of(more, less))


def _same_parts(ours: Mapping[str, Word], theirs: Mapping[str, Word]) -> bool:
    """Whether both labels have as many parts."""
    return sum(word.is_label for word in ours.values()) == sum(word.is_label for word in theirs.values())


def ratio_of(more: Mark, less: Mark) -> Figure | None:
    """Return the ratio of two marks with the bounds that both intervals leave; None without an interval above zero."""
    if more.low is None or more.high is None or less.low is None or less.high is None or min(more.low, less.low) <= 0:
        return None
    return Figure(more.value / less.value, more.low / less.high, more.high / less.low, "×")


def _of_names(drawn: Drawing, pairs: Sequence[Contrast]) -> str:
    """Compare points with different labels, or different values of a parameter that is no number."""
    apart = [pair for pair in pairs if pair.is_apart]
    if not apart:
        return _no_difference(pairs)
    widest = max(apart, key=_lowest)
    alike = [pair for pair in pairs if set(pair.sides) == set(widest.sides)]
    against = [pair for pair in alike if pair.is_apart and pair.sides != widest.sides]
    if against:
        return _crossing(drawn, alike, (widest, max(against, key=_lowest)))
    return _compared(drawn, widest, "up to " if len(alike) > 1 else "")


def _lowest(pair: Contrast) -> float:
    return pair.ratio.low if pair.ratio and pair.ratio.low else 0.0


def _no_difference(pairs: Sequence[Contrast]) -> str:
    if not pairs or any(pair.ratio is None for pair in pairs):
        return ""
    names = list(dict.fromkeys(name for pair in pairs for name in sorted(pair.sides)))
    if len(names) == 2:
        return f"No difference above 5 % between “{names[0]}” and “{names[1]}”, as far as the intervals show"
    return f"No two of these {len(names)} differ by more than 5 %, as far as the intervals show"


def _compared(drawn: Drawing, pair: Contrast, most: str) -> str:
    """Compare both sides by their ratio if a verb fits the quantity, else state both values; add the conditions."""
    more, less = pair.sides
    ratio = f"{most}{format_figure(pair.ratio)}" if pair.ratio else ""
    at = _conditions(drawn, pair)
    if drawn.quantity in TIMES:
        return f"{pair.opening(less)} ran {ratio} as fast as {more}{at}"
    if words := MULTIPLE.get(drawn.quantity):
        return f"{pair.opening(more)} {words.format(ratio=ratio)} {less}{at}"
    return f"{pair.opening(more)}: {_value(pair.more)}, {less}: {_value(pair.less)}{at}"


def _crossing(drawn: Drawing, pairs: Sequence[Contrast], widest: tuple[Contrast, Contrast]) -> str:
    """Say up to where one side is ahead and from where on the other, or where each is farthest ahead."""
    comparative = "ran faster" if drawn.quantity in FASTER else "came out higher"
    placed = sorted(pairs, key=lambda pair: pair.more.x or 0.0)
    leaders = [_leader(drawn, pair) if pair.is_apart else "" for pair in placed]
    first, last = leaders[0], leaders[-1]
    until, since = len(leaders) - 1 - leaders[::-1].index(first), leaders.index(last)
    decided = {*leaders[: until + 1]} == {first} and {*leaders[since:]} == {last}
    along_axis = len({pair.more.x for pair in pairs} - {None}) == len(pairs)
    if along_axis and decided and first and last and first != last and until < since:
        end, start = _place(drawn, placed[until]), _place(drawn, placed[since])
        return f"{_capital(first)} {comparative} up to {end}, {last} from {start} on"
    ahead, behind = (f"{_leader(drawn, pair)} {comparative}{_conditions(drawn, pair)}" for pair in widest)
    return f"{_capital(ahead)}, {behind}"


def _leader(drawn: Drawing, pair: Contrast) -> str:
    more, less = pair.sides
    return less if drawn.quantity in TIMES else more


def _place(drawn: Drawing, pair: Contrast) -> str:
    return _conditions(drawn, pair).strip(" ()")


def _conditions(drawn: Drawing, pair: Contrast, label: bool = True) -> str:
    """Return the words that both sides have in common, but not all points of the figure: ` (n = 64)`."""
    shared = [word for word in pair.more.words if word in pair.less.words and (label or not word.is_label)]
    varying = list(dict.fromkeys(word.text for word in shared if not _everywhere(word, drawn.marks)))
    return f" ({', '.join(varying)})" if varying else ""


def _everywhere(word: Word, marks: Iterable[Mark]) -> bool:
    return all(word in mark.words for mark in marks)


def _of_numbers(drawn: Drawing, pairs: Sequence[Contrast]) -> str:
    """Say what the farthest two values of a parameter make of the quantity, and what was predicted of them."""
    ends = [pair for pair in pairs if pair.is_apart]
    if not ends:
        return _no_difference(pairs)
    pair = max(ends, key=lambda pair: (_distance(pair), _lowest(pair)))
    subject = ", ".join(word.text for word in pair.more.words if word.is_label)
    others = _conditions(drawn, pair, label=False)
    more, less = pair.sides
    ratio = format_figure(pair.ratio) if pair.ratio else ""
    predicted = _predicted(pair)
    if drawn.quantity in TIMES:
        return f"{_capital(subject)} took {ratio} as long with {more} as with {less}{others}{predicted}"
    if words := MULTIPLE.get(drawn.quantity):
        return f"{_capital(subject)} {words.format(ratio=ratio).removesuffix(' of')} with {more} as with {less}{others}"
    return f"{_capital(subject)}: {_value(pair.more)} with {more}, {_value(pair.less)} with {less}{others}"


def _distance(pair: Contrast) -> float:
    """Return how far apart the two values of the parameter are on the figure's axis, 0 if it is not on an axis."""
    places = (pair.more.x, pair.less.x)
    return abs((places[0] or 0.0) - (places[1] or 0.0)) if None not in places else 0.0


def _predicted(pair: Contrast) -> str:
    if not pair.more.prediction or not pair.less.prediction:
        return ""
    return f"; predicted was {format_figure(Figure(pair.more.prediction / pair.less.prediction, None, None, '×'))}"


def _single(mark: Mark, quantity: str) -> str:
    """Say what one point is, and how a time compares with its prediction."""
    subject, value = _capital(mark.label), _value(mark)
    if quantity not in TIMES:
        return f"{subject}: {value}"
    if mark.prediction is None or mark.low is None or mark.high is None or mark.low <= 0:
        return f"{subject} took {value}"
    over = Figure(mark.value / mark.prediction, mark.low / mark.prediction, mark.high / mark.prediction, "×")
    return f"{subject} took {value}, {format_figure(over)} the predicted time"


def _under_the_roof(marks: Sequence[Mark]) -> str:
    """Say which point comes nearest to its roof, if the intervals tell, or below which share all points are."""
    known = [mark for mark in marks if mark.low is not None and mark.high is not None]
    if not known or len(known) < len(marks):
        return ""
    best = max(known, key=lambda mark: mark.value)
    others = [mark for mark in known if mark is not best]
    if all((ratio := ratio_of(best, mark)) and ratio.low and ratio.low > BAND for mark in others):
        return f"{_capital(best.label)} reached {_value(best)} of the roof{', the others less' if others else ''}"
    lowest = min(known, key=lambda mark: mark.value)
    return f"These points reached {_value(lowest)} to {_value(best)} of their roofs"


def _value(mark: Mark) -> str:
    return format_figure(mark.figure) if mark.figure else ""


def _capital(words: str) -> str:
    """Return the words with a capital letter, unless the first one is a name in code, such as `torch.mm`."""
    first = words.partition(" ")[0].rstrip(",:")
    return capitalised(words) if first.isalpha() and first.islower() else words


def titled(drawn: Drawing, given: Mapping[str, str]) -> str:
    """Return the author's title for the outcome of the figure, or the one for all, else the generated one."""
    if not given:
        return message(drawn)
    return given[""] if "" in given else given.get(outcome(drawn), given["undecided"])
