"""The generated pages: complete, linked, escaped, and nothing but what the data say."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import markdown
import pytest

from stackdoc.adapters.registered import load_site
from stackdoc.project import Layout
from stackdoc.records import store
from stackdoc.render.html import document
from stackdoc.render.html.page import Page
from stackdoc.render.pages import all as all_pages
from stackdoc.site.site import Site
from stackdoc.stack.domain import STACK
from stackdoc.stack.handbook import Handbook
from stackdoc.stack.handbook import handbook as data_of
from stackdoc.stack.layers import pages as layer_pages
from stackdoc.stack.layers import tower
from stackdoc.stack.layers.types import Dependency, Layer, Ruling, Stack
from stackdoc.stack.systems.types import System
from stackdoc.stack.taxonomies.types import Atom, Erratum, Mapping, Source, SourceLayer, Taxonomy, View
from tests.made import two_machines
from tests.made.pages import Elements, html
from tests.made.project import FILES, make_project
from tests.made.records import made_record
from tests.made.repository import ROOT

HOSTILE = "<script>alert(1)</script> [a](javascript:alert(2)) **b** `c` {measured}`d` | # <b>"


def row(source: str, label: str, position: int | None, atom: str, layer: str, **changes: Any) -> SourceLayer:
    made = SourceLayer(source, label, position, f"Row {label}", "What it is.", atoms=(atom,))
    return replace(made, mappings=(Mapping(layer, "close"),), **changes)


def source(id: str) -> Source:
    return Source(id, "", f"The {id} stack", "An author", "a text", "2026-01-01", id, "use", "bottom up", "rank")


def taxonomy(id: str, *order: str, **changes: Any) -> Taxonomy:
    """A source whose rows are the named atoms, from the bottom up."""
    rows = tuple(row(id, str(number), number, atom, atom) for number, atom in enumerate(order, 1))
    return replace(Taxonomy(source(id), rows), **changes)


def stack(*taxonomies: Taxonomy) -> Stack:
    """Three layers, one plane; `one` and `two` unless others are given agree on all of it."""
    made = tuple(
        Layer(id, f"{id} layer", height, 1, f"What of {id}?", f"About {id}.", ("in",), ("out",), ("else",))
        for height, id in enumerate(("low", "mid", "top"), 1)
    )
    return Stack(
        "A stack",
        made,
        (Layer("beside", "Beside", 0, 1, "What beside?", "A plane."),),
        tuple(Atom(layer.id, f"{layer.id} subject", layer.id) for layer in made),
        (Dependency("top", "mid", "it calls it"),),
        (),
        taxonomies or (taxonomy("one", "low", "mid", "top"), taxonomy("two", "low", "mid", "top")),
    )


def site(made: Stack, **changes: Any) -> Site:
    return two_machines.changed(Site(Layout(ROOT), {}, {}, subject=STACK, data=Handbook(stack=made)), **changes)


def generated(found: Site) -> dict[str, Page]:
    return {page.path: page for page in all_pages.generated(found, set())}


def test_values_from_data_appear_as_text_and_as_nothing_else() -> None:
    bad = row("one", "1", 1, "low", "low", name=HOSTILE, description=HOSTILE, gloss=HOSTILE, inputs=(HOSTILE,))
    bad = replace(bad, outputs=(HOSTILE,), tradeoffs=(HOSTILE,), tools=(HOSTILE,), aliases=(HOSTILE,))
    found = stack(
        replace(
            taxonomy("one", "low", "mid"),
            source=replace(source("one"), name=HOSTILE, title=HOSTILE, url="javascript:alert(3)"),
            layers=(bad, row("one", "2", 2, "mid", "mid")),
            views=(View("v", HOSTILE, (HOSTILE,), ((HOSTILE, (HOSTILE,)),), HOSTILE),),
            statements=(HOSTILE,),
            errata=(Erratum("e", HOSTILE, HOSTILE, HOSTILE, ("1",)),),
        ),
        taxonomy("two", "mid", "low"),
    )
    hostile = tuple(
        replace(layer, name=HOSTILE, question=HOSTILE, summary=HOSTILE, takes=(HOSTILE,)) for layer in found.layers
    )
    found = replace(
        found,
        title=HOSTILE,
        layers=hostile,
        atoms=tuple(replace(atom, name=HOSTILE, note=HOSTILE) for atom in found.atoms),
        rulings=(Ruling("r", (("low", "mid"),), HOSTILE, HOSTILE, (HOSTILE,)),),
        dependencies=(Dependency("mid", "low", HOSTILE),),
    )
    systems = {"s": System("s", HOSTILE, "library", HOSTILE, "low", (), ("one:1",), note=HOSTILE)}
    for path, page in generated(site(found, systems=systems)).items():
        shown = html(page)
        seen = Elements(shown)
        assert not {"script", "b", "strong", "code"} & {tag for tag, _ in seen.found}, path
        assert not [link for link in seen.links if "javascript" in link], path
        assert path.startswith(
            ("layers/beside", "machines", "examples", "compare", "changelog")
        ) or HOSTILE in unescape(shown), path


def test_a_changed_vote_changes_the_page_of_disagreements() -> None:
    agreed = generated(site(stack()))["disagreements.md"].text
    split = generated(site(stack(taxonomy("one", "low", "mid", "top"), taxonomy("two", "mid", "low", "top"))))[
        "disagreements.md"
    ].text
    assert "overrules 0 votes" in agreed
    assert "## Splits" not in agreed
    assert "overrules 1 vote." in split
    assert "### low layer and mid layer { #split-low-mid }" in split
    assert "No ruling decides it." in split


def test_a_ruling_is_given_with_its_reason_where_it_matters() -> None:
    found = stack(taxonomy("one", "low", "mid", "top"), taxonomy("two", "mid", "low", "top"))
    ruled = replace(found, rulings=(Ruling("order", (("low", "mid"),), "Low is lower.", "It comes first."),))
    made = generated(site(ruled))
    assert "It comes first." in made["disagreements.md"].text
    assert "Low is lower." in made["layers/low.md"].text
    assert "Low is lower." not in made["layers/top.md"].text


def test_a_page_written_by_hand_is_not_generated() -> None:
    paths = {page.path for page in all_pages.generated(site(stack()), {"layers/low.md", "crosswalk/index.md"})}
    assert "layers/low.md" not in paths
    assert "crosswalk.md" not in paths
    assert "layers/mid.md" in paths


def test_a_project_without_a_stack_has_no_pages_about_one() -> None:
    nothing = Stack("", (), (), (), (), (), ())
    assert not [
        page.path for page in all_pages.generated(site(nothing), set()) if page.path.startswith(("layers", "cross"))
    ]


def test_the_tower_links_each_layer_once_and_marks_the_current_one() -> None:
    found = site(stack())
    for picture in (tower.tower(found, "mid"), tower.locator(found, "mid")):
        links = [link for link in Elements(picture).links if link.startswith("/layers/")]
        assert sorted(links) == sorted(f"/layers/{place.id}/" for place in data_of(found).stack.places)
        assert re.findall(r'<a[^>]*href="([^"]+)"[^>]*aria-current="page"', picture) == ["/layers/mid/"] or re.findall(
            r'<a[^>]*aria-current="page"[^>]*href="([^"]+)"', picture
        ) == ["/layers/mid/"]


def test_the_tower_says_what_holds_neighbours() -> None:
    text = tower.tower(site(stack()))
    assert text.count('data-bond="unanimous"') == 2
    lone = tower.tower(site(stack(taxonomy("one", "low", "mid", "top"))))
    assert lone.count('data-bond="one"') == 2


def test_stages_of_one_height_stand_in_one_row() -> None:
    made = stack()
    low, mid, top = made.layers
    drawn = replace(made, layers=(low, replace(mid, height=2, stage=1), replace(top, height=2, stage=2)))
    assert [[layer.id for layer in level] for level in tower.levels(drawn)] == [["mid", "top"], ["low"]]
    assert "height 2 of 2, stage 2 of 2" in tower.locator(site(drawn), "top")


def test_the_sections_of_a_layer_name_each_source_also_one_that_is_silent() -> None:
    found = stack(taxonomy("one", "low", "mid"), taxonomy("two", "low"))
    chips = layer_pages.source_chips(found, "mid")
    assert "one:2" in chips
    assert "not covered" in chips


def test_a_number_that_means_two_things_is_translated() -> None:
    found = stack(taxonomy("one", "low", "mid"), taxonomy("two", "mid", "low"))
    text = generated(site(found))["crosswalk.md"].text
    table = text[text.index("{ #numbers }") : text.index("{ #atoms }")]
    assert "Layer 1" in table
    assert "low layer" in table
    assert "mid layer" in table


@pytest.mark.parametrize(
    "text", ["a_b_c", "1. x", "[x](y)", "*x*", "`x`", "<i>", "&amp;", "a\nb", "{#x}", "www.x.de", "x~y~"]
)
def test_a_literal_means_only_itself(text: str) -> None:
    shown = markdown.markdown(
        f"# {document.literal(text)}", extensions=["attr_list", "pymdownx.tilde", "pymdownx.magiclink"]
    )
    assert unescape(shown) == f"<h1>{' '.join(text.split())}</h1>"


def test_names_in_the_locator_fit_and_end_at_a_word() -> None:
    assert tower.short_name("Execution (context, tools, agents)") == "Execution"
    assert tower.short_name("Drivers, runtimes and compilers") == "Drivers, runtimes"
    assert len(tower.short_name("x" * 80)) <= tower.RUNG_LETTERS


def test_the_same_files_give_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    root = make_project(tmp_path)
    store.write(Layout(root), made_record(example="pot/boiling"))
    code = (
        "import hashlib, pathlib\nfrom stackdoc.render.pages.all import generated\n"
        "from stackdoc.adapters.registered import load_site\n"
        f"pages = generated(load_site(pathlib.Path({str(root)!r})), set())\n"
        "print(len(pages), hashlib.sha256(''.join(page.path + page.text for page in pages).encode()).hexdigest())"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert len(printed) == 1
    assert int(printed.pop().split()[0]) == len(all_pages.generated(load_site(root), set())) > len(FILES)
