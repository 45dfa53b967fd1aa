"""Summarise a layer: its measured examples and the verdicts on its claims, on the selected machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from stackdoc.render.html import document
from stackdoc.render.values.machine_switch import Choice
from stackdoc.site.site import Site
from stackdoc.stack.claims.block import verdict_for
from stackdoc.stack.handbook import handbook

WORDS = {
    "holds": "hold",
    "holds in part": "in part",
    "does not hold here": "do not",
    "undecided": "undecided",
    "not measurable here": "not judged",
}


@dataclass(frozen=True)
class MeasuredShare:
    """How many of the examples of a layer have a record on the selected machine."""

    here: int
    examples: int

    @property
    def short(self) -> str:
        """`4/5`, or empty without an example."""
        return f"{self.here}/{self.examples}" if self.examples else ""

    @property
    def words(self) -> str:
        if not self.examples:
            return "no example"
        return f"{self.here} of {document.count(self.examples, 'example')} measured"


def measured(site: Site, layer: str, choice: Choice) -> MeasuredShare:
    ids = [example.id for example in site.examples.values() if example.layer == layer]
    measured_ids = [id for id in ids if site.current(id, choice.machine, choice.device) is not None]
    return MeasuredShare(len(measured_ids), len(ids))


def badge(site: Site, layer: str, choice: Choice) -> str:
    """Return a summary such as `4 of 5 examples measured; claims: 3 hold, 1 in part, 2 not judged`."""
    claims = [claim for claim in handbook(site).claims.values() if claim.layer == layer]
    verdict_counts = _verdict_counts(Counter(verdict_for(site, claim, choice)[1].answer for claim in claims))
    return measured(site, layer, choice).words + (f"; claims: {verdict_counts}" if claims else "")


def _verdict_counts(answers: Mapping[str, int]) -> str:
    counts = [(answers.get(answer, 0), words) for answer, words in WORDS.items()]
    return ", ".join(f"{number} {_singular(words) if number == 1 else words}" for number, words in counts if number)


def _singular(words: str) -> str:
    return {"hold": "holds", "do not": "does not"}.get(words, words)
