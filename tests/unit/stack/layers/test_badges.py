"""The state of each layer on the tower: what is measured of it, and how its claims fare, for the machine chosen."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from stackdoc.render.pages import machine as machine_page
from stackdoc.render.values.machine_switch import choices
from stackdoc.site.site import Site
from stackdoc.stack.layers import badges, tower
from stackdoc.stack.layers.types import Layer, Stack
from tests.made import two_machines


def site(root: Path) -> Site:
    """The made-up machines under a stack of the two layers that their examples belong to."""
    names = ("silicon", "kernels", "serving")
    layers = tuple(
        Layer(id, id.title(), height, 1, f"What of {id}?", "", (), (), ()) for height, id in enumerate(names, 1)
    )
    return two_machines.site(root, stack=Stack("A stack", layers, (), (), (), (), ()))


def test_a_layer_s_badge_counts_examples_and_verdicts_of_the_machine_chosen(tmp_path: Path) -> None:
    found = site(tmp_path)
    here, there = choices(found)
    own = [example.id for example in found.examples.values() if example.layer == "kernels"]
    assert badges.measured(found, "kernels", here).short == f"1/{len(own)}"
    assert badges.measured(found, "silicon", there).short == "0/1"
    assert "hold" in badges.badge(found, "kernels", here)
    assert "not judged" in badges.badge(replace(found, records={}), "kernels", here)
    assert badges.badge(found, "serving", here) == "no example"


def test_both_towers_show_the_badges_of_every_machine(tmp_path: Path) -> None:
    found = site(tmp_path)
    small, large = tower.locator(found, "silicon"), tower.tower(found)
    for choice in choices(found):
        shown = re.findall(rf'<text [^>]*data-choice="[^"]*{re.escape(choice.key)}[^"]*"[^>]*>([^<]+)<', small)
        assert badges.measured(found, "silicon", choice).short in shown
        assert badges.badge(found, "silicon", choice) in large
    assert small.count('display="none"') > 0


def test_the_margin_has_the_roofs_of_each_machine_or_says_that_there_are_none(tmp_path: Path) -> None:
    found = site(tmp_path)
    card = str(machine_page.card(found))
    here, there = choices(found)
    assert re.search(rf'data-choice="{here.key}"><p><a href="/r/\w+/">The roofs</a>', card)
    assert f"No roof was measured on {there.label}." in card
    assert "FLOP/s" in card
    assert machine_page.card(replace(found, records={})) is None
