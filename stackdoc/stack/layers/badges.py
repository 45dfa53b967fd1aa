"""The state of a layer at a glance: its examples measured on the machine chosen, and how its claims fare there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from stackdoc.render.html import document
from stackdoc.render.values.machine_switch import Choice
from stackdoc.site.site import Site
from stackdoc.stack.claims.block import verdict_for
from stackdoc.stack.handbook import handbook

SAID = {
    "holds": "hold",
    "holds in part": "in part",
    "does not hold here": "do not",
    "undecided": "undecided",
    "not measurable here": "not judged",
}


@dataclass(frozen=True)
class Measured:
    """How many of a layer's examples have a record on the machine chosen."""

    here: int
    examples: int

    @property
    def short(self) -> str:
        """`4/5`; nothing for a layer without an example."""
        return f"{self.here}/{self.examples}" if self.examples else ""

    @property
    def words(self) -> str:
        if not self.examples:
            return "no example"
        return f"{self.here} of {document.count(self.examples, 'example')} measured"


def measured(site: Site, layer: str, choice: Choice) -> Measured:
    own = [example.id for example in site.examples.values() if example.layer == layer]
    here = [id for id in own if site.current(id, choice.machine, choice.device) is not None]
    return Measured(len(here), len(own))


def badge(site: Site, layer: str, choice: Choice) -> str:
    """`4 of 5 examples measured; claims: 3 hold, 1 in part, 2 not judged`."""
    claims = [claim for claim in handbook(site).claims.values() if claim.layer == layer]
    said = _fare(Counter(verdict_for(site, claim, choice)[1].answer for claim in claims))
    return measured(site, layer, choice).words + (f"; claims: {said}" if claims else "")


def _fare(answers: Mapping[str, int]) -> str:
    counted = [(answers.get(answer, 0), words) for answer, words in SAID.items()]
    return ", ".join(f"{number} {_singular(words) if number == 1 else words}" for number, words in counted if number)


def _singular(words: str) -> str:
    return {"hold": "holds", "do not": "does not"}.get(words, words)
