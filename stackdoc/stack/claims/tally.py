"""Count the claims of each state, and the verdicts of the selected machine on those that are tested."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from stackdoc.render.html import document
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
IN_SENTENCE: Mapping[Answer, tuple[str, str]] = {  # of one claim, and of several
    "holds": ("holds", "hold"),
    "holds in part": ("holds in part", "hold in part"),
    "does not hold here": ("does not hold", "do not hold"),
    "undecided": ("is undecided", "are undecided"),
    "not measurable here": ("is not measured", "are not measured"),
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
    machines = document.count(len(machine_ids(site)), "machine")
    place = variants(site, _label(choices(site)[0]), _label)
    return element(
        "p",
        f"{document.count(len(site.examples), 'experiment')} that you can run again, measured on {machines}. "
        f"Of {document.count(len(claims), 'published claim')} that they test, ",
        element("strong", verdicts_in_words(site, claims)),
        " on ",
        place,
        ".",
        class_="sd-tally",
    )


def verdicts_in_words(site: Site, claims: Sequence[Claim]) -> Markup:
    """Return `18 hold, 1 is undecided` for the selected machine."""

    def words(choice: Choice) -> Markup:
        counted = Counter(verdict_for(site, claim, choice)[1].answer for claim in claims)
        parts = (
            f"{counted[answer]} {IN_SENTENCE[answer][counted[answer] > 1]}" for answer in ANSWERS if counted[answer]
        )
        return element("span", ", ".join(parts))

    return variants(site, words(choices(site)[0]), words)


def _label(choice: Choice) -> Markup:
    return element("span", choice.label)


def _verdict_counts(site: Site, claims: Sequence[Claim], state: State, choice: Choice) -> Markup:
    """Count the verdicts, in the order of the answers: `holds: 18; undecided: 3`."""
    verdicts = [(claim, verdict_for(site, claim, choice)[1]) for claim in claims if claim.state == state]
    order = {answer: rank for rank, answer in enumerate(ANSWERS)}
    answers = sorted((order[verdict.answer], verdict_words(claim, verdict)) for claim, verdict in verdicts)
    counted = Counter(words for _, words in answers)
    return element("span", "; ".join(f"{words}: {number}" for words, number in counted.items()))
