"""The handbook's own data: what must be true of them, whatever is added. No number of today is typed here."""

from __future__ import annotations

from collections import Counter
from itertools import permutations
from typing import Any

import pytest

from stackdoc.site.site import Site
from stackdoc.stack.handbook import Handbook, handbook
from stackdoc.stack.merge.merge import Merge, merge
from stackdoc.stack.merge.votes import count_votes
from stackdoc.stack.systems.details import NOT_STATED, state_word
from tests.made.repository import ROOT
from tests.made.yaml_data import yaml_of

DATA = ROOT / "docs/data"


@pytest.fixture(scope="module")
def data(handbook_site: Site) -> Handbook:
    return handbook(handbook_site)


@pytest.fixture(scope="module")
def merged(data: Handbook) -> Merge:
    return merge(data.stack)


def taxonomies() -> list[dict[str, Any]]:
    """The files as YAML has them, read without the project's own reader; guests have no vote and are left out."""
    read = [yaml_of(path) for path in sorted((DATA / "taxonomies").glob("*.yml"))]
    return [taxonomy for taxonomy in read if not taxonomy["source"].get("guest")]


def votes_of_the_files() -> Counter[tuple[str, str]]:
    """How many lineages have the first layer below the second, and no source that has it above."""
    written = yaml_of(DATA / "stack.yml")
    layers = {layer["id"] for layer in written["layers"]}
    homes = {atom["id"]: atom["layer"] for atom in written["atoms"] if atom["layer"] in layers}
    below: dict[str, set[tuple[str, str]]] = {}
    for taxonomy in taxonomies():
        at: dict[str, set[int]] = {}
        for row in taxonomy["layers"]:
            for atom in homes.keys() & set(row["atoms"] if row["position"] is not None else ()):
                at.setdefault(homes[atom], set()).add(row["position"])
        apart = {(low, high) for low, high in permutations(at, 2) if max(at[low]) < min(at[high])}
        below.setdefault(taxonomy["source"]["lineage"], set()).update(apart)
    return Counter((low, high) for pairs in below.values() for low, high in pairs if (high, low) not in pairs)


def test_the_votes_are_those_of_the_files(merged: Merge) -> None:
    votes = votes_of_the_files()
    assert count_votes(merged.pairs) == votes
    place = {layer: number for number, layer in enumerate(merged.order)}
    agreed = sum(count for (low, high), count in votes.items() if place[low] < place[high])
    assert (merged.agreed, len(merged.overruled)) == (agreed, votes.total() - agreed)


def test_the_order_obeys_every_dependency_and_overrules_the_fewest_votes(data: Handbook, merged: Merge) -> None:
    place = {layer: number for number, layer in enumerate(merged.order)}
    assert [edge for edge in data.stack.dependencies if place[edge.below] > place[edge.above]] == []
    assert len(merged.overruled) == merged.with_dependencies.cost


def test_orders_that_are_as_good_differ_only_where_a_ruling_decides(data: Handbook, merged: Merge) -> None:
    ruled = {frozenset(pair) for ruling in data.stack.rulings for pair in ruling.pairs}
    undecided = {frozenset((pair.lower, pair.upper)) for pair in merged.editorial}
    assert undecided <= ruled


def test_a_system_is_named_by_a_source_or_its_entry_says_why_it_is_here(data: Handbook) -> None:
    systems = data.systems.values()
    named = {tool for taxonomy in taxonomies() for row in taxonomy["layers"] for tool in row.get("tools", ())}
    assert named == {one.id for one in systems if one.mentions}
    assert [one.id for one in systems if not one.mentions and not one.compared and not one.note] == []


def test_each_system_says_what_it_is_for_where_it_belongs_and_what_runs_it(data: Handbook) -> None:
    systems = data.systems.values()
    assert [one.id for one in systems if not one.purpose] == []
    assert [one.id for one in systems if bool(one.also) != bool(one.reason)] == []
    assert [one.id for one in systems if one.kind == "hardware" and (one.home or one.licence or one.status)] == []
    assert [one.id for one in systems if one.runs.startswith("not yet: env") and not one.environment] == []
    assert [one.id for one in systems if one.environment and one.environment not in (one.runs + " alone")] == []
    assert [one.id for one in systems if one.environment and one.examples] == []  # its example names it


def test_a_system_with_a_home_page_has_its_state(data: Handbook) -> None:
    """A source of data is read and not released."""
    unstated = [one for one in data.systems.values() if state_word(one) == NOT_STATED]
    assert [one.id for one in unstated if one.subkind != "data source"] == []
