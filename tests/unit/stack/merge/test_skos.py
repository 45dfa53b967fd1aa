"""The handbook as SKOS, which other software reads back."""

from __future__ import annotations

import logging
import sys
from dataclasses import replace

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.compare import isomorphic
from rdflib.namespace import RDF, SKOS
from skosify import skosify

from stackdoc.errors import StackdocError
from stackdoc.project import Layout
from stackdoc.site.site import Site
from stackdoc.stack.handbook import handbook
from stackdoc.stack.layers.read import read_stack
from stackdoc.stack.layers.types import Stack
from stackdoc.stack.merge.skos import graph, json_ld, turtle
from tests.made.repository import ROOT

NETWORKING = ROOT / "tests/golden/networking/in"


# rdflib's own parser of JSON-LD uses what rdflib deprecates.
rdflib_json_ld = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")


HOME = "https://handbook.example/ai/"


@pytest.fixture(scope="module")
def stack(handbook_site: Site) -> Stack:
    return handbook(handbook_site).stack


@rdflib_json_ld
def test_both_forms_of_skos_are_read_back_to_the_same_graph(stack: Stack) -> None:
    made = graph(stack, HOME)
    from_turtle = Graph().parse(data=turtle(made), format="turtle")
    from_json = Graph().parse(data=json_ld(made), format="json-ld")
    assert isomorphic(from_turtle, made)
    assert isomorphic(from_json, made)


def test_a_checker_of_vocabularies_has_nothing_to_take_back(stack: Stack, caplog: pytest.LogCaptureFixture) -> None:
    """skosify removes what breaks the conditions of SKOS (labels, loops, contradicting relations), and says so."""
    made = graph(stack, HOME)
    before = set(made)
    with caplog.at_level(logging.INFO):
        checked = set(skosify(made))
    assert before <= checked
    said = [record.getMessage() for record in caplog.records if record.levelno >= logging.INFO]
    assert [one for one in said if not one.startswith("Multiple concept schemes found")] == []


def test_every_place_and_row_is_a_concept_of_one_scheme(stack: Stack) -> None:
    made = graph(stack, HOME)
    assert set(made.subjects(RDF.type, SKOS.ConceptScheme)) == {
        URIRef(f"{HOME}crosswalk/#stack"),
        *(URIRef(f"{HOME}sources/{taxonomy.source.id}/") for taxonomy in stack.sources),
    }
    rows = sum(len(taxonomy.layers) for taxonomy in stack.sources)
    concepts = set(made.subjects(RDF.type, SKOS.Concept))
    assert len(concepts) == len(stack.places) + len(stack.atoms) + rows
    for concept in concepts:
        assert len(list(made.objects(concept, SKOS.inScheme))) == 1
        assert len(list(made.objects(concept, SKOS.prefLabel))) == 1


def test_a_broad_row_has_our_layer_as_its_narrower_match_and_the_other_way() -> None:
    networking = read_stack(Layout(NETWORKING), [])
    assert networking is not None
    made = graph(networking, HOME)
    mappings = networking.source_layer("osi:3").mappings
    assert ("internet", "broad") in {(mapping.layer, mapping.relation) for mapping in mappings}
    row, layer = URIRef(f"{HOME}sources/osi/#layer-3"), URIRef(f"{HOME}layers/internet/")
    assert (row, SKOS.narrowMatch, layer) in made
    assert (layer, SKOS.broadMatch, row) in made
    assert (row, SKOS.broadMatch, layer) not in made


def test_the_order_is_an_ordered_collection(stack: Stack) -> None:
    made = graph(stack, HOME)
    order = made.value(URIRef(f"{HOME}crosswalk/#order"), SKOS.memberList)
    assert order is not None
    members = Collection(made, order)
    assert [str(member) for member in members] == [f"{HOME}layers/{layer.id}/" for layer in stack.layers]


@rdflib_json_ld
def test_hostile_text_stays_text(stack: Stack) -> None:
    name = 'a "quoted" <b> \\ """ name\n@prefix x: <urn:x> .'
    hostile = replace(stack, layers=(replace(stack.layers[0], name=name), *stack.layers[1:]))
    for data, form in ((turtle(graph(hostile, HOME)), "turtle"), (json_ld(graph(hostile, HOME)), "json-ld")):
        back = Graph().parse(data=data, format=form)
        label = back.value(URIRef(f"{HOME}layers/{stack.layers[0].id}/"), SKOS.prefLabel)
        assert label == Literal(name, "en")


def test_without_rdflib_it_says_what_to_install(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rdflib", None)
    with pytest.raises(StackdocError, match=r"rdflib: is not installed; pip install 'stackdoc\[mkdocs\]'"):
        graph(stack)
