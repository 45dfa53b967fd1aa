"""Words of the glossary and names of systems in a page: the first use of each, and only in running text."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from markdown import Markdown

from stackdoc.adapters.markdown import StackdocExtension
from stackdoc.project import Layout
from stackdoc.stack.glossary.term import GlossaryTerm
from stackdoc.stack.systems.read import read_systems
from stackdoc.stack.systems.table import systems_table
from stackdoc.stack.systems.types import System
from tests.made import two_machines
from tests.made.repository import ROOT

TERMS = (
    GlossaryTerm("bandwidth", "Bytes moved in a second."),
    GlossaryTerm("bandwidth-bound", "Limited by bandwidth."),
    GlossaryTerm("FLOP", "One operation."),
    GlossaryTerm("point", "One thing measured.", everyday=True),
    GlossaryTerm("token", two_machines.HOSTILE),
)
LINK = re.compile(r'<a class="sd-term" href="/glossary/#term-([\w-]+)" title="([^"]*)">([^<]*)</a>')


def converted(tmp_path: Path, text: str) -> str:
    extension = StackdocExtension()
    extension.site = two_machines.site(tmp_path, terms={term.term: term for term in TERMS})
    return Markdown(extensions=[extension]).convert(text)


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("Bandwidth rules, and bandwidth again.", [("bandwidth", "Bandwidth")]),
        ("Tokens cost FLOPs.", [("token", "Tokens"), ("flop", "FLOPs")]),
        ("It is bandwidth-bound.", [("bandwidth-bound", "bandwidth-bound")]),
        ("- one *bandwidth*\n- two", [("bandwidth", "bandwidth")]),
        ("# Bandwidth\n\ntokenizer, half-bandwidth, flop, bandwidth-delay", []),
        ("`token` and [token](x.md) and ``{math}`token` ``", []),
        ("    token\n", []),
        ("A point on a line has one token.", [("token", "token")]),
        ("{math}`token`", []),
    ],
)
def test_the_first_use_of_a_word_leads_to_the_glossary(
    tmp_path: Path, text: str, linked: list[tuple[str, str]]
) -> None:
    assert [(anchor, said) for anchor, _, said in LINK.findall(converted(tmp_path, text))] == linked


def test_a_definition_is_text(tmp_path: Path) -> None:
    html = converted(tmp_path, "A token.")
    assert LINK.search(html)
    assert "<script" not in html
    assert "<img" not in html


def test_each_page_begins_anew(tmp_path: Path) -> None:
    extension = StackdocExtension()
    extension.site = two_machines.site(tmp_path, terms={term.term: term for term in TERMS})
    markdown = Markdown(extensions=[extension])
    assert markdown.convert("A token.") == markdown.reset().convert("A token.")


SYSTEMS = (
    System("ray", "Ray", "framework", examples=("kernels/gemm",), purpose="Runs `tasks`."),
    System("ray-data", "Ray Data", "library"),
    System("arrow", "Apache Arrow", "protocol", aliases=("PyArrow",), examples=("kernels/gemm",)),
    System("store", "Object storage (class)", "service", examples=("kernels/gemm",)),
    System("batches", "Batches", "technique", linked=("batch", "in-flight batch"), examples=("kernels/gemm",)),
    System("triton", "Triton", "library", examples=("kernels/gemm",)),
    System("server", "Inference Server", "service", aliases=("Triton",)),
    System("memory", "FLOP counter", "library", linked=("FLOP",), examples=("kernels/gemm",)),
)
SYSTEM = re.compile(r'<a class="sd-term" href="/systems/([\w-]+)/" title="[^"]*">([^<]*)</a>')


def linked_systems(tmp_path: Path, text: str, file: str = "docs/layers/kernels.md") -> list[tuple[str, str]]:
    extension = StackdocExtension(file=file)
    terms = {term.term: term for term in TERMS}
    systems = {system.id: system for system in SYSTEMS}
    extension.site = two_machines.site(tmp_path, terms=terms, systems=systems)
    return SYSTEM.findall(Markdown(extensions=[extension]).convert(text))


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("Ray starts. Ray ends.", [("ray", "Ray")]),
        ("A ray of light, an array, X-Ray.", []),
        ("Ray Data reads, and Ray runs.", [("ray", "Ray")]),
        ("PyArrow is Apache Arrow.", [("arrow", "PyArrow")]),
        ("Object storage, then object storage.", [("store", "Object storage")]),
        ("In the object storage.", [("store", "object storage")]),
        ("Batches of one batch.", [("batches", "batch")]),
        ("Triton is two.", []),
        ("One FLOP of the FLOPs.", [("memory", "FLOPs")]),
        ("# Ray\n\n`Ray` and [Ray](x.md)", []),
        ("- *Ray*\n- Ray", [("ray", "Ray")]),
    ],
)
def test_the_first_mention_of_a_system_leads_to_its_page(
    tmp_path: Path, text: str, linked: list[tuple[str, str]]
) -> None:
    assert linked_systems(tmp_path, text) == linked


def test_a_system_is_no_link_on_its_own_page(tmp_path: Path) -> None:
    text = "Ray keeps its objects as Apache Arrow."
    assert linked_systems(tmp_path, text, "docs/systems/ray.md") == [("arrow", "Apache Arrow")]


def test_the_table_of_a_layer_leads_to_the_page_of_each_system_or_to_its_row(tmp_path: Path) -> None:
    systems = {system.id: replace(system, layer="kernels") for system in SYSTEMS[:2]}
    html = systems_table(two_machines.site(tmp_path, systems=systems), "kernels")
    assert '<a href="/systems/ray/" id="system-ray">Ray</a>' in html
    assert '<a href="/systems/#ray-data" id="system-ray-data">Ray Data</a>' in html


def test_words_that_often_mean_something_else_are_left_alone_by_the_handbook_s_data() -> None:
    systems = read_systems(Layout(ROOT), [])
    words = {word for system in systems.values() for word in system.text_names}
    assert not words & {"tokenizers", "fine-tuning", "Triton", "C"}
    assert {"Ray", "KV cache", "Parquet"} <= words
