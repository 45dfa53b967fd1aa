"""The merge on a stack that was worked out by hand, on a classic, and its laws on made-up data."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stackdoc.errors import Problem
from stackdoc.project import Layout
from stackdoc.render.exports import encoded
from stackdoc.stack.layers.read import read_stack
from stackdoc.stack.layers.types import Dependency, Layer, Stack
from stackdoc.stack.merge.coverage import collisions, coverage, joins, lineages_by_atom
from stackdoc.stack.merge.exports import crosswalk
from stackdoc.stack.merge.merge import merge
from stackdoc.stack.merge.votes import bond, count_votes, pairs, spans
from stackdoc.stack.taxonomies.types import Atom, Mapping, Source, SourceLayer, Taxonomy
from tests.made.repository import ROOT
from tests.made.stack import LAYERS, made_stack

NETWORKING = ROOT / "tests/golden/networking"


def stack_of(root: Path) -> Stack:
    problems: list[Problem] = []
    stack = read_stack(Layout(root), problems)
    assert problems == []
    assert stack is not None
    return stack


@pytest.fixture(scope="module")
def made() -> Stack:
    return made_stack()


def test_the_votes_fall_into_the_classes_that_were_worked_out(made: Stack) -> None:
    merged = merge(made)
    kinds = {kind: len(merged.of_kind(kind)) for kind in ("unanimous", "one", "same", "never", "split")}
    assert kinds == {"unanimous": 9, "one": 7, "same": 2, "never": 2, "split": 1}
    assert [(pair.lower, pair.upper) for pair in merged.of_kind("split")] == [("node", "code")]
    assert [(pair.lower, pair.upper) for pair in merged.of_kind("same")] == [("site", "chip"), ("data", "model")]
    assert [(pair.lower, pair.upper) for pair in merged.of_kind("never")] == [("site", "node"), ("site", "code")]


def test_three_votes_of_one_source_are_overruled(made: Stack) -> None:
    merged = merge(made)
    assert merged.agreed == 25
    assert [(pair.lower, pair.upper, vote.lineage) for pair, vote in merged.overruled] == [
        ("node", "code", "c"),
        ("node", "data", "c"),
        ("code", "data", "c"),
    ]
    # 7 votes with and 3 against give 4/10
    assert {one.source: one.tau for one in merged.agreements} == {"one": 1, "one-again": 1, "two": 1, "three": 0.4}


def test_dependencies_leave_one_order_and_votes_alone_leave_4_others(made: Stack) -> None:
    merged = merge(made)
    assert (merged.with_dependencies.cost, merged.with_dependencies.orders) == (3, (LAYERS,))
    assert merged.editorial == ()
    assert (merged.votes_alone.cost, merged.votes_alone.count) == (1, 4)
    assert merged.order not in merged.votes_alone.orders
    for order in merged.votes_alone.orders:
        assert order.index("node") > order.index("data")


def test_leaving_one_lineage_out_changes_nothing_but_what_it_objects_to(made: Stack) -> None:
    merged = merge(made)
    assert {one.lineage: one.with_dependencies.cost for one in merged.leave_one_out} == {"a": 3, "b": 3, "c": 0}
    assert all(merged.order in one.with_dependencies.orders for one in merged.leave_one_out)
    assert {one.lineage: one.votes_alone.cost for one in merged.leave_one_out} == {"a": 0, "b": 1, "c": 0}


def test_a_lineage_has_one_vote_however_often_it_was_copied(made: Stack) -> None:
    lone = replace(made, taxonomies=tuple(t for t in made.taxonomies if t.source.id != "one-again"))
    assert count_votes(pairs(lone)) == count_votes(pairs(made))
    copies = tuple(renamed_source(made.taxonomy("three"), f"copy-{k}") for k in range(5))
    many = replace(made, taxonomies=(*made.taxonomies, *copies))
    assert merge(many).with_dependencies == merge(made).with_dependencies


def renamed_source(taxonomy: Taxonomy, id: str) -> Taxonomy:
    rows = tuple(replace(row, source=id) for row in taxonomy.layers)
    return replace(taxonomy, source=replace(taxonomy.source, id=id), layers=rows)


def test_the_sources_cover_as_much_as_was_worked_out(made: Stack) -> None:
    held = {found.source: (found.layers, found.planes) for found in coverage(made)}
    assert held["one"] == held["one-again"] == (("chip", "node", "code", "model", "app"), ())
    assert held["two"] == (("site", "chip", "data", "model", "app"), ("upkeep",))
    assert held["three"] == (("chip", "node", "code", "data", "app"), ())
    lineages = {atom: "".join(found) for atom, found in lineages_by_atom(made).items()}
    shared = {"chip": "abc", "node": "ac", "code": "ac", "data": "bc", "model": "ab", "app": "abc"}
    assert lineages == {"site": "b", "upkeep": "b", **shared}


def test_what_holds_a_pair_in_order_is_said_with_its_rows(made: Stack) -> None:
    assert bond(made, "node", "model").word == "1 source"
    split = bond(made, "node", "code")
    assert (split.kind, split.word) == ("ruling", "split 1-1")
    assert "one:2 below one:3; three:4 above three:3." in split.detail
    assert bond(made, "site", "chip").word == "dependency"
    assert bond(made, "chip", "data").word == "2/2"
    bare = replace(made, dependencies=(), rulings=())
    assert bond(bare, "site", "chip").word == "editorial"


def test_networking_merges_as_expected() -> None:
    stack = stack_of(NETWORKING / "in")
    merged = merge(stack)
    assert merged.order == ("link", "internet", "routing", "transport", "application")
    assert [(pair.lower, pair.upper) for pair in merged.of_kind("split")] == [("routing", "transport")]
    assert [(pair.lower, pair.upper) for pair in merged.editorial] == [("routing", "transport")]
    assert {join.row: join.takers for join in joins(stack.taxonomy("tcp-ip"))} == {
        "tcp-ip:4": ("tcp-ip:3",),
        "tcp-ip:3": ("tcp-ip:2",),
        "tcp-ip:2": ("tcp-ip:1",),
    }
    # 1 is the link in both; 5, 6 and 7 are of one source alone
    assert [collision.label for collision in collisions(stack)] == ["2", "3", "4"]
    written = (NETWORKING / "out/crosswalk.json").read_bytes()
    assert encoded(crosswalk(stack)) == written, (
        "stackdoc --root tests/golden/networking/in export crosswalk.json > tests/golden/networking/out/crosswalk.json"
    )
    assert json.loads(written)["order"]["overruled"] == 1


NAMES = "pqrstu"


@st.composite
def stacks(draw: st.DrawFn) -> Stack:
    """Up to six layers of one or two atoms each, and up to four sources that hold some atoms at some positions."""
    names = NAMES[: draw(st.integers(1, 6))]
    atoms = [Atom(f"{name}{k}", name, name) for name in names for k in range(draw(st.integers(1, 2)))]
    taxonomies = tuple(draw(_taxonomy(f"s{k}", atoms)) for k in range(draw(st.integers(1, 4))))
    edges = draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names)), max_size=3))
    return Stack(
        title="made up",
        layers=tuple(Layer(name, name, k, 1, "?", "!") for k, name in enumerate(names, 1)),
        planes=(),
        atoms=tuple(atoms),
        dependencies=tuple(Dependency(upper, lower, "so") for lower, upper in edges if lower < upper),
        rulings=(),
        taxonomies=taxonomies,
    )


@st.composite
def _taxonomy(draw: st.DrawFn, id: str, atoms: list[Atom]) -> Taxonomy:
    held = draw(st.lists(st.sampled_from([atom.id for atom in atoms]), min_size=1, unique=True))
    places: dict[int | None, list[str]] = {}
    for atom in held:
        places.setdefault(draw(st.none() | st.integers(1, 5)), []).append(atom)
    rows = tuple(
        SourceLayer(
            id, str(k), position, f"row {k}", "…", atoms=tuple(found), mappings=(Mapping(found[0][0], "close"),)
        )
        for k, (position, found) in enumerate(places.items())
    )
    lineage = draw(st.sampled_from(["a", "b", "c"]))
    source = Source(id, id, id, "", "", "", lineage, "", "", "")
    return Taxonomy(source, rows)


laws = settings(max_examples=30, deadline=None)


@given(stack=stacks())
@laws
def test_a_match_is_never_lost(stack: Stack) -> None:
    homes = {atom.id: atom.layer for atom in stack.atoms}
    votes = {(pair.lower, pair.upper): {vote.lineage: vote for vote in pair.votes} for pair in pairs(stack)}
    covered = {found.source: found for found in coverage(stack)}
    for taxonomy in stack.taxonomies:
        found = spans(taxonomy, homes)
        for row in taxonomy.layers:
            for atom in row.atoms:
                assert homes[atom] in covered[taxonomy.source.id].layers
                assert atom in covered[taxonomy.source.id].atoms
                if row.position is not None:
                    assert row.qualified in found[homes[atom]].rows
                    assert found[homes[atom]].low <= row.position <= found[homes[atom]].high
        for lower, upper in votes:
            if lower in found and upper in found:
                vote = votes[lower, upper][taxonomy.source.lineage]
                assert set(found[lower].rows) <= set(vote.lower_rows)
                assert set(found[upper].rows) <= set(vote.upper_rows)


@given(stack=stacks(), data=st.data())
@laws
def test_the_order_of_the_files_and_of_what_is_in_them_changes_nothing(stack: Stack, data: st.DataObject) -> None:
    shuffled = replace(
        stack,
        atoms=tuple(data.draw(st.permutations(stack.atoms))),
        dependencies=tuple(data.draw(st.permutations(stack.dependencies))),
        taxonomies=tuple(
            replace(taxonomy, layers=tuple(data.draw(st.permutations(taxonomy.layers))))
            for taxonomy in data.draw(st.permutations(stack.taxonomies))
        ),
    )
    before, after = merge(stack), merge(shuffled)
    assert (before.pairs, before.with_dependencies, before.votes_alone, before.leave_one_out) == (
        after.pairs,
        after.with_dependencies,
        after.votes_alone,
        after.leave_one_out,
    )
    assert set(before.agreements) == set(after.agreements)


@given(stack=stacks(), data=st.data())
@laws
def test_the_order_of_the_layers_in_the_file_changes_no_result(stack: Stack, data: st.DataObject) -> None:
    shuffled = replace(stack, layers=tuple(data.draw(st.permutations(stack.layers))))
    before, after = merge(stack), merge(shuffled)
    assert (before.with_dependencies, before.votes_alone) == (after.with_dependencies, after.votes_alone)
    assert count_votes(before.pairs) == count_votes(after.pairs)


@given(stack=stacks(), data=st.data())
@laws
def test_a_source_taken_out_and_put_back_leaves_no_trace(stack: Stack, data: st.DataObject) -> None:
    out = data.draw(st.sampled_from(stack.taxonomies))
    rest = tuple(taxonomy for taxonomy in stack.taxonomies if taxonomy != out)
    without = merge(replace(stack, taxonomies=rest))
    if all(taxonomy.source.lineage != out.source.lineage for taxonomy in rest):
        stated = next(one for one in merge(stack).leave_one_out if one.lineage == out.source.lineage)
        assert (stated.with_dependencies, stated.votes_alone) == (without.with_dependencies, without.votes_alone)
    back = merge(replace(stack, taxonomies=(*rest, out)))
    assert (back.pairs, back.with_dependencies, back.votes_alone) == (
        merge(stack).pairs,
        merge(stack).with_dependencies,
        merge(stack).votes_alone,
    )


@given(stack=stacks(), data=st.data())
@laws
def test_other_ids_give_the_same_result_under_other_ids(stack: Stack, data: st.DataObject) -> None:
    names = [layer.id for layer in stack.layers]
    other = dict(zip(names, data.draw(st.permutations([f"other-{name}" for name in names])), strict=True))
    renamed = replace(
        stack,
        layers=tuple(replace(layer, id=other[layer.id]) for layer in stack.layers),
        atoms=tuple(replace(atom, layer=other[atom.layer]) for atom in stack.atoms),
        dependencies=tuple(
            replace(edge, above=other[edge.above], below=other[edge.below]) for edge in stack.dependencies
        ),
    )
    before, after = merge(stack), merge(renamed)
    assume(before.votes_alone.count <= 100)
    translated = {tuple(other[name] for name in order) for order in before.votes_alone.orders}
    assert (before.votes_alone.cost, before.votes_alone.count, translated) == (
        after.votes_alone.cost,
        after.votes_alone.count,
        set(after.votes_alone.orders),
    )
    assert [replace(pair, lower=other[pair.lower], upper=other[pair.upper]) for pair in before.pairs] == [*after.pairs]
    assert [one.tau for one in before.agreements] == [one.tau for one in after.agreements]
