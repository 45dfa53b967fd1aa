"""Guests: shown beside the merged sources, and without a part in the merge."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rdflib import Literal, URIRef
from rdflib.namespace import SKOS

from stackdoc.stack.layers.types import Stack
from stackdoc.stack.merge.coverage import collisions, coverage, lineages_by_atom
from stackdoc.stack.merge.crosswalk import numbers
from stackdoc.stack.merge.exports import crosswalk
from stackdoc.stack.merge.guests import effect, with_guests
from stackdoc.stack.merge.merge import merge
from stackdoc.stack.merge.skos import graph
from stackdoc.stack.taxonomies.types import Taxonomy
from tests.made.stack import made_stack, made_taxonomy


def guest(rows: str, id: str = "guest") -> Taxonomy:
    taxonomy = made_taxonomy(id, id, rows)
    return replace(taxonomy, source=replace(taxonomy.source, guest=True))


@pytest.fixture(scope="module")
def hosts() -> Stack:
    return made_stack()


def test_guests_change_nothing_but_their_own_part(hosts: Stack) -> None:
    stack = replace(hosts, guests=(guest("app | chip"), guest("app | site", "other")))
    assert merge(stack) == merge(hosts)
    assert coverage(stack) == coverage(hosts)
    assert collisions(stack) == collisions(hosts)
    assert lineages_by_atom(stack) == lineages_by_atom(hosts)
    exported, before = crosswalk(stack), crosswalk(hosts)
    assert [source["id"] for source in exported["guests"]] == ["guest", "other"]
    assert exported["order_with_guests"]["overruled"] > exported["order"]["overruled"]
    for name in before.keys() - {"guests", "order_with_guests"}:
        assert exported[name] == before[name]


def test_their_votes_would_count_as_those_of_merged_sources(hosts: Stack) -> None:
    stack = replace(hosts, guests=(guest("app | chip"),))
    assert merge(with_guests(stack)) == merge(replace(hosts, taxonomies=(*hosts.taxonomies, *stack.guests)))
    votes, order, splits = effect(stack)
    assert votes == "They would add 1 vote, of which this order would agree with 0 and overrule 1."
    assert order == "With the dependencies, this order would be the only best one."
    assert splits == "1 pair would become a split: chip and app."


def test_a_guest_that_agrees_would_change_no_order(hosts: Stack) -> None:
    votes, order, splits = effect(replace(hosts, guests=(guest("site | chip | app"),)))
    assert votes == "They would add 3 votes, of which this order would agree with 3 and overrule 0."
    assert order == "With the dependencies, this order would be the only best one."
    assert splits == "No pair would become a split."


def test_guests_that_would_move_a_layer_are_named_with_the_move(hosts: Stack) -> None:
    free = replace(hosts, dependencies=())
    many = tuple(guest("app | model", f"g{number}") for number in range(9))
    order = effect(replace(free, guests=many))[1]
    assert order.startswith("With the dependencies, this order would no longer be a best one: the best one has ")
    assert "model above app" in order


def test_the_scheme_of_a_guest_says_in_skos_that_it_has_no_vote(hosts: Stack) -> None:
    made = graph(replace(hosts, guests=(guest("app | chip"),)), "https://a.example")
    notes = set(made.subject_objects(SKOS.editorialNote))
    text = Literal("Guest: shown for comparison, without a vote.", "en")
    assert notes == {(URIRef("https://a.example/sources/guest/"), text)}
    assert (URIRef("https://a.example/sources/guest/#layer-1"), SKOS.inScheme, None) in made


def test_a_number_leads_to_the_parts_into_which_a_source_divides_it(hosts: Stack) -> None:
    divided = guest("app | chip | node | code")
    labels = ("1", "2a", "2b", "10")
    rows = tuple(replace(row, label=label) for row, label in zip(divided.layers, labels, strict=True))
    text = str(numbers(replace(hosts, guests=(replace(divided, layers=rows),))))
    places = [text.index(f'id="number-{label}"') for label in ("1", "2", "2a", "2b", "3", "10", "x")]
    assert places == sorted(places)
    second = text[places[1] : places[2]]
    assert "2a Row 2" in second
    assert "2b Row 3" in second
    assert "no such layer" not in second
