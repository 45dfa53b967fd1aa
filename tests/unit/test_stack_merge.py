"""The merge on the handbook's own data, on a classic, and its laws on made-up data."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stackdoc.errors import Problem
from stackdoc.stack.layers.read import read_stack
from stackdoc.stack.layers.types import Dependency, Layer, Stack
from stackdoc.stack.merge.coverage import collisions, coverage, joins, witnesses
from stackdoc.stack.merge.exports import crosswalk, encoded
from stackdoc.stack.merge.merge import merge
from stackdoc.stack.merge.order import best_orders
from stackdoc.stack.merge.votes import bond, counted, pairs, spans
from stackdoc.stack.taxonomies.types import Atom, Mapping, Source, SourceLayer, Taxonomy

ROOT = Path(__file__).parents[2]
NETWORKING = ROOT / "tests/golden/networking"


def stack_of(root: Path) -> Stack:
    problems: list[Problem] = []
    stack = read_stack(root, problems)
    assert problems == []
    assert stack is not None
    return stack


@pytest.fixture(scope="module")
def handbook() -> Stack:
    return stack_of(ROOT)


def test_the_votes_on_the_handbook_fall_into_the_classes_that_were_worked_out(handbook: Stack) -> None:
    merged = merge(handbook)
    kinds = {kind: len(merged.of_kind(kind)) for kind in ("unanimous", "one", "same", "never", "split")}
    assert kinds == {"unanimous": 27, "one": 47, "same": 5, "never": 9, "split": 3}
    assert len(merged.pairs) == 91
    assert {(pair.lower, pair.upper) for pair in merged.of_kind("split")} == {
        ("platform", "data"),
        ("platform", "serving"),
        ("encoding", "serving"),
    }


def test_six_votes_of_one_source_are_overruled(handbook: Stack) -> None:
    merged = merge(handbook)
    assert merged.agreed == 120
    assert [(pair.lower, pair.upper, vote.lineage) for pair, vote in merged.overruled] == [
        ("platform", "runtime", "c"),
        ("platform", "kernels", "c"),
        ("platform", "framework", "c"),
        ("platform", "data", "c"),
        ("platform", "serving", "c"),
        ("encoding", "serving", "c"),
    ]
    tau = {source.source: round(source.tau or 0, 2) for source in merged.agreements}
    # 45 votes with and 6 against give 39/51
    assert tau == {"3-layer": 1.0, "6-layer": 1.0, "7x": 1.0, "7x-table": 1.0, "8-layer": 0.76}


def test_dependencies_leave_one_order_and_votes_alone_leave_24_others(handbook: Stack) -> None:
    merged = merge(handbook)
    assert (merged.settled.cost, merged.settled.orders) == (6, (merged.order,))
    assert merged.editorial == ()
    assert (merged.voted.cost, merged.voted.count) == (3, 24)
    assert merged.order not in merged.voted.orders
    for order in merged.voted.orders:
        assert order.index("platform") > order.index("framework")


def test_dependencies_as_one_more_source_leave_four_orders_ours_among_them(handbook: Stack) -> None:
    below: dict[str, set[str]] = {}
    for _ in handbook.layers:  # their transitive closure
        for edge in handbook.dependencies:
            below.setdefault(edge.above, set()).update({edge.below}, below.get(edge.below, set()))
    votes = counted(pairs(handbook))
    for upper, lowers in below.items():
        for lower in lowers:
            votes[lower, upper] = votes.get((lower, upper), 0) + 1
    found = best_orders([layer.id for layer in handbook.layers], votes)
    assert (found.cost, found.count) == (6, 4)
    assert tuple(layer.id for layer in handbook.layers) in found.orders


def test_leaving_one_lineage_out_changes_nothing_but_what_it_objects_to(handbook: Stack) -> None:
    merged = merge(handbook)
    costs = {one.lineage: one.settled.cost for one in merged.without}
    assert costs == {"a": 6, "b": 6, "c": 0, "d": 6}
    assert all(merged.order in one.settled.orders for one in merged.without)
    assert {one.lineage: one.voted.cost for one in merged.without} == {"a": 3, "b": 3, "c": 0, "d": 0}


def test_a_lineage_has_one_vote_however_often_it_was_copied(handbook: Stack) -> None:
    lone = replace(handbook, taxonomies=tuple(t for t in handbook.taxonomies if t.source.id != "7x-table"))
    assert counted(pairs(lone)) == counted(pairs(handbook))
    copies = tuple(renamed_source(handbook.taxonomy("8-layer"), f"copy-{k}") for k in range(5))
    many = replace(handbook, taxonomies=(*handbook.taxonomies, *copies))
    assert merge(many).settled == merge(handbook).settled


def renamed_source(taxonomy: Taxonomy, id: str) -> Taxonomy:
    rows = tuple(replace(row, source=id) for row in taxonomy.layers)
    return replace(taxonomy, source=replace(taxonomy.source, id=id), layers=rows)


def test_the_sources_cover_as_much_as_was_worked_out(handbook: Stack) -> None:
    layers = {covered.source: len(covered.layers) for covered in coverage(handbook)}
    assert layers == {"3-layer": 6, "6-layer": 7, "7x": 11, "7x-table": 11, "8-layer": 11}
    held = witnesses(handbook)
    assert sorted(atom for atom in held if len(held[atom]) == 4) == ["accelerator", "product"]
    assert sum(len(lineages) == 1 for lineages in held.values()) == 17
    assert "3" in {collision.label for collision in collisions(handbook)}


def test_what_holds_a_pair_in_order_is_said_with_its_rows(handbook: Stack) -> None:
    assert bond(handbook, "kernels", "framework").word == "1 source"
    split = bond(handbook, "platform", "data")
    assert (split.kind, split.word) == ("ruling", "split 1-1")
    assert "8-layer:7 above 8-layer:5; 7x:X below 7x:2." in split.detail
    assert bond(handbook, "site", "silicon").word == "dependency"
    assert bond(handbook, "data", "encoding").word == "2/2"
    bare = replace(handbook, dependencies=(), rulings=())
    assert bond(bare, "site", "silicon").word == "editorial"


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
    written = (NETWORKING / "out/crosswalk.json").read_bytes()
    assert encoded(crosswalk(stack)) == written, (
        "stackdoc --root tests/golden/networking/in export crosswalk.json > tests/golden/networking/out/crosswalk.json"
    )
    assert json.loads(written)["order"]["overruled"] == 1


LAYERS = "pqrstu"


@st.composite
def stacks(draw: st.DrawFn) -> Stack:
    """Up to six layers of one or two atoms each, and up to four sources that hold some atoms at some positions."""
    names = LAYERS[: draw(st.integers(1, 6))]
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
    source = Source(id, id, id, "", "", "", "", lineage, "", "", "")
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
    assert (before.pairs, before.settled, before.voted, before.without) == (
        after.pairs,
        after.settled,
        after.voted,
        after.without,
    )
    assert set(before.agreements) == set(after.agreements)


@given(stack=stacks(), data=st.data())
@laws
def test_the_order_of_the_layers_in_the_file_changes_no_result(stack: Stack, data: st.DataObject) -> None:
    shuffled = replace(stack, layers=tuple(data.draw(st.permutations(stack.layers))))
    before, after = merge(stack), merge(shuffled)
    assert (before.settled, before.voted) == (after.settled, after.voted)
    assert counted(before.pairs) == counted(after.pairs)


@given(stack=stacks(), data=st.data())
@laws
def test_a_source_taken_out_and_put_back_leaves_no_trace(stack: Stack, data: st.DataObject) -> None:
    out = data.draw(st.sampled_from(stack.taxonomies))
    rest = tuple(taxonomy for taxonomy in stack.taxonomies if taxonomy != out)
    without = merge(replace(stack, taxonomies=rest))
    if all(taxonomy.source.lineage != out.source.lineage for taxonomy in rest):
        stated = next(one for one in merge(stack).without if one.lineage == out.source.lineage)
        assert (stated.settled, stated.voted) == (without.settled, without.voted)
    back = merge(replace(stack, taxonomies=(*rest, out)))
    assert (back.pairs, back.settled, back.voted) == (merge(stack).pairs, merge(stack).settled, merge(stack).voted)


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
    assume(before.voted.count <= 100)
    translated = {tuple(other[name] for name in order) for order in before.voted.orders}
    assert (before.voted.cost, before.voted.count, translated) == (
        after.voted.cost,
        after.voted.count,
        set(after.voted.orders),
    )
    assert [replace(pair, lower=other[pair.lower], upper=other[pair.upper]) for pair in before.pairs] == [*after.pairs]
    assert [one.tau for one in before.agreements] == [one.tau for one in after.agreements]
