"""How many claims there are of each state, and how the machine chosen answers those that are tested."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from markupsafe import Markup

from stackdoc.render.html.element import element
from stackdoc.render.html.tables import table
from stackdoc.render.values.machine_switch import Choice, choices, variants
from stackdoc.site.site import Site
from stackdoc.stack.claims.block import verdict_for, words_of
from stackdoc.stack.claims.states import NAMES
from stackdoc.stack.claims.types import Claim, State
from stackdoc.stack.claims.verdict import ANSWERS

JUDGED: tuple[State, ...] = ("tested", "proxy")


def tally(site: Site, claims: Sequence[Claim]) -> Markup:
    """A row for each state with its claims, and how many of them have which verdict."""

    def cell(state: State) -> Markup:
        return variants(site, _fare(site, claims, state, choices(site)[0]), lambda one: _fare(site, claims, state, one))

    counts = Counter(claim.state for claim in claims)
    rows = [
        [NAMES[state], str(counts[state]), cell(state) if state in JUDGED and counts[state] else "no verdict"]
        for state in NAMES
    ]
    heads = [("state", False), ("claims", True), ("verdicts of the machine chosen", False)]
    return table(heads, rows, f"{len(claims)} claims.", stacked=True)


def _fare(site: Site, claims: Sequence[Claim], state: State, choice: Choice) -> Markup:
    """`18 hold, 3 undecided`, in the order of the answers."""
    found = [(claim, verdict_for(site, claim, choice)[1]) for claim in claims if claim.state == state]
    order = {answer: rank for rank, answer in enumerate(ANSWERS)}
    answers = sorted((order[verdict.answer], words_of(claim, verdict)) for claim, verdict in found)
    counted = Counter(words for _, words in answers)
    return element("span", "; ".join(f"{words}: {number}" for words, number in counted.items()))
