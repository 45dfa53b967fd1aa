"""Count the claims of each state, and the verdicts of the selected machine on those that are tested."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from stackdoc.render.html.element import element
from stackdoc.render.html.tables import table
from stackdoc.render.pages.listings import machine_ids
from stackdoc.render.values.machine_switch import Choice, choices, variants
from stackdoc.site.site import Site
from stackdoc.stack.claims.block import verdict_for, verdict_words
from stackdoc.stack.claims.states import NAMES
from stackdoc.stack.claims.types import Claim, State
from stackdoc.stack.claims.verdict import ANSWERS, Answer
from stackdoc.stack.handbook import handbook

JUDGED: tuple[State, ...] = ("tested", "proxy")
IN_SENTENCE: Mapping[Answer, str] = {
    "holds": "hold",
    "holds in part": "hold in part",
    "does not hold here": "do not hold",
    "undecided": "are undecided",
    "not measurable here": "are not measured",
}


def tally(site: Site, claims: Sequence[Claim]) -> Markup:
    """Tabulate the claims by state, with the number of each verdict."""

    def cell(state: State) -> Markup:
        return variants(
            site,
            _verdict_counts(site, claims, state, choices(site)[0]),
            lambda choice: _verdict_counts(site, claims, state, choice),
        )

    counts = Counter(claim.state for claim in claims)
    rows = [
        [NAMES[state], str(counts[state]), cell(state) if state in JUDGED and counts[state] else "no verdict"]
        for state in NAMES
    ]
    heads = [("state", False), ("claims", True), ("verdicts on the selected machine", False)]
    return table(heads, rows, f"{len(claims)} claims.", stacked=True)


def tally_sentence(site: Site) -> Markup:
    """Say how much was measured, and what it says of the claims that are tested, as a paragraph."""
    claims = [claim for claim in handbook(site).claims.values() if claim.state in JUDGED]

    def verdicts(choice: Choice) -> Markup:
        counted = Counter(verdict_for(site, claim, choice)[1].answer for claim in claims)
        words = [f"{counted[answer]} {IN_SENTENCE[answer]}" for answer in ANSWERS if counted[answer]]
        return element("span", element("strong", ", ".join(words)), f" on {choice.label}.")

    machines = len(machine_ids(site))
    return element(
        "p",
        f"{len(site.examples)} experiments that you can run again, measured on {machines} machine"
        f"{'' if machines == 1 else 's'}. Of {len(claims)} published claims that they test, ",
        variants(site, verdicts(choices(site)[0]), verdicts),
        class_="sd-tally",
    )


def _verdict_counts(site: Site, claims: Sequence[Claim], state: State, choice: Choice) -> Markup:
    """Count the verdicts, in the order of the answers: `holds: 18; undecided: 3`."""
    verdicts = [(claim, verdict_for(site, claim, choice)[1]) for claim in claims if claim.state == state]
    order = {answer: rank for rank, answer in enumerate(ANSWERS)}
    answers = sorted((order[verdict.answer], verdict_words(claim, verdict)) for claim, verdict in verdicts)
    counted = Counter(words for _, words in answers)
    return element("span", "; ".join(f"{words}: {number}" for words, number in counted.items()))
