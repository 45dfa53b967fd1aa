"""A layer page begins with its result, its decisions and the verdicts on its claims."""

from __future__ import annotations

import re
from pathlib import Path

from stackdoc.stack.decisions.types import LayerDecision
from stackdoc.stack.layers.frame import framed
from stackdoc.stack.results.lead import lead
from tests.made import two_machines
from tests.unit.stack.results.test_cards import KERNELS, site, words

DECISION = LayerDecision("kernels", "1", "Library or own code?", "decide-library", "The library.", "docs/x.md", 1)


def test_the_lead_has_number_sentence_decisions_and_verdicts(tmp_path: Path) -> None:
    html = str(lead(two_machines.changed(site(tmp_path, KERNELS), decisions=(DECISION,)), "kernels"))
    assert "Yes, it wins." in words(html)
    assert 'href="/layers/kernels/#decide-library"' in html
    assert "1 claim tested: 1 holds" in words(html)
    assert re.search(r'<a href="/claims/#claim-libraries-beat-plain-code">A tuned library beats plain loops.</a>', html)
    assert "#claim-dear" not in html, "an untested claim has no verdict"


def test_a_layer_with_nothing_to_lead_with_has_none(tmp_path: Path) -> None:
    assert lead(site(tmp_path, KERNELS), "silicon") is None


def test_the_lead_follows_the_question_or_else_the_title(tmp_path: Path) -> None:
    made = site(tmp_path, KERNELS)
    asked = "<h1>Kernels</h1><p><em>How fast?</em></p><p>Text.</p><h2>Law</h2>"
    html = framed(made, "kernels", asked)
    assert html.index("How fast?") < html.index("sd-lead") < html.index("Text.")
    bare = framed(made, "kernels", "<h1>Kernels</h1><p>Text.</p><h2>Law</h2><p><em>Late.</em></p>")
    assert bare.index("</h1>") < bare.index("sd-lead") < bare.index("Text.")
