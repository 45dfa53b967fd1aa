"""How the merge grows with the number of layers and of sources."""

from __future__ import annotations

import random

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from stackdoc.errors import Problem
from stackdoc.project import Layout
from stackdoc.stack.layers.read import read_stack
from stackdoc.stack.layers.types import Dependency, Layer, Stack
from stackdoc.stack.merge.merge import merge
from stackdoc.stack.merge.order import best_orders
from stackdoc.stack.taxonomies.types import Atom, Source, SourceLayer, Taxonomy
from tests.made.repository import ROOT


@pytest.mark.parametrize("layers", [8, 12, 16, 20])
def test_orders_of_layers_that_nothing_constrains(benchmark: BenchmarkFixture, layers: int) -> None:
    """The worst case: no edge, votes at random, every subset is visited."""
    names = [f"l{k:02}" for k in range(layers)]
    chance = random.Random(layers)
    votes = {(a, b): chance.randint(0, 3) for a in names for b in names if a != b}
    found = benchmark(best_orders, names, votes)
    assert found.count >= 1


@pytest.mark.parametrize("sources", [5, 20, 80])
def test_a_merge_of_many_sources(benchmark: BenchmarkFixture, sources: int) -> None:
    merged = benchmark(merge, made_stack(14, sources))
    assert len(merged.leave_one_out) == sources
    assert merged.agreed + len(merged.overruled) > 0


def test_reading_the_handbook(benchmark: BenchmarkFixture) -> None:
    problems: list[Problem] = []
    assert benchmark(read_stack, Layout(ROOT), problems) is not None
    assert problems == []


def made_stack(layers: int, sources: int) -> Stack:
    """A stack of one atom a layer; each source holds half of them and swaps two."""
    names = [f"l{k:02}" for k in range(layers)]
    chance = random.Random(sources)
    return Stack(
        title="grown",
        layers=tuple(Layer(name, name, k, 1, "?", "!") for k, name in enumerate(names, 1)),
        planes=(),
        atoms=tuple(Atom(name, name, name) for name in names),
        dependencies=tuple(Dependency(above, below, "so") for below, above in zip(names, names[2:], strict=False)),
        rulings=(),
        taxonomies=tuple(_source(f"s{k}", names, chance) for k in range(sources)),
    )


def _source(id: str, names: list[str], chance: random.Random) -> Taxonomy:
    held = sorted(chance.sample(names, len(names) // 2))
    first, other = chance.sample(range(len(held)), 2)
    held[first], held[other] = held[other], held[first]
    rows = tuple(SourceLayer(id, str(k), k, name, name, atoms=(name,)) for k, name in enumerate(held, 1))
    return Taxonomy(Source(id, id, id, "", "", "", id, "", "", ""), rows)
