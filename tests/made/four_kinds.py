"""Four examples of different kinds for the truth between records; each measures its work, and 1.25 times of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from stackdoc.model.record import Record
from stackdoc.plan.project import read_project
from stackdoc.project import Layout
from stackdoc.run.measuring import bring_up_to_date
from tests.made.scripts import written

PLANTED = 1.25
HEAD = """
    import numpy
    from stackdoc import Work, example
    ex = example()
    draw = numpy.random.default_rng(1)
"""
KINDS = {
    "arithmetic": """
    a = draw.standard_normal((320, 320), dtype=numpy.float32)
    left, right = draw.standard_normal((400, 1600)), draw.standard_normal((1600, 320))
    many = draw.standard_normal((5, 320, 320), dtype=numpy.float32)
    for name, count in (("plain", 4), ("planted", 5)):
        work = Work(flop=count * 2 * 320**3, bytes=count * 3 * 4 * 320**2)
        ex.measure("product", lambda: numpy.matmul(many[:count], a), work=work, dtype="float32", of=name)
        inner = 320 * count
        work = Work(flop=2 * 400 * inner * 320, bytes=8 * (400 * inner + inner * 320 + 400 * 320))
        ex.measure("deep", lambda: left[:, :inner] @ right[:inner], work=work, dtype="float64", of=name)
""",
    "memory": """
    source, target = draw.random(1 << 20), numpy.zeros(1 << 20)
    def copies(count):
        for _ in range(count):
            numpy.copyto(target, source)
    def sums(count):
        return sum(source.sum() for _ in range(count))
    for name, count in (("plain", 4), ("planted", 5)):
        work = count * source.size
        ex.measure("copy", lambda: copies(count), work=Work(flop=work, bytes=16 * work), of=name)
        ex.measure("sum", lambda: sums(count), work=Work(flop=work, bytes=8 * work), of=name)
""",
    "interpreter": """
    def add(times):
        for _ in range(times):
            total = 0.0
            for step in range(1000):
                total += step * 0.5
        return total
    def words(times):
        for _ in range(times):
            found = {}
            for step in range(500):
                word = str(step % 97)
                found[word] = found.get(word, 0) + len(word)
        return found
    for name, times in (("plain", 4), ("planted", 5)):
        ex.measure("add", lambda: add(times), of=name)
        ex.measure("words", lambda: words(times), of=name)
""",
    "dispatch": """
    import torch
    torch.set_grad_enabled(False)
    one, array = torch.ones(1), numpy.ones(1)
    def chain(x, steps):
        for _ in range(steps):
            x = torch.add(x, one)
        return x
    def ufuncs(steps):
        x = array
        for _ in range(steps):
            x = numpy.maximum(x, array)
        return x
    for name, steps in (("plain", 200), ("planted", 250)):
        ex.measure("chain", lambda: chain(one, steps), work=Work(flop=steps), of=name)
        ex.measure("ufuncs", lambda: ufuncs(steps), work=Work(flop=steps), of=name)
""",
}


def write_four(root: Path) -> None:
    """The examples below `root`, six launches each."""
    for kind, body in KINDS.items():
        path = written(root, f"kinds/{kind}", HEAD + body, launches="6", layer='"kinds"')
        path.write_text(path.read_text().replace('["stackdoc"]', '["stackdoc", "numpy", "torch"]'))


def measured_again(root: Path) -> list[Record]:
    """The records of one more run of all four."""
    results = bring_up_to_date(read_project(Layout(root)), again=True).results
    assert all(result.record is not None for result in results), [str(result.outcome) for result in results]
    return [result.record for result in results if result.record is not None]


def plain(record: Record) -> Record:
    """The record as it was before anything was planted: the points of the work itself alone."""
    return _of(record, "plain")


def planted(record: Record) -> Record:
    """The record as if all its work were 1.25 times as much: under the keys of the plain points."""
    return _of(record, "planted")


def _of(record: Record, which: str) -> Record:
    chosen = [point for point in record.points if dict(point.parameters)["of"] == which]
    works: Mapping[str, object] = {point.name: point for point in chosen}
    assert len(works) == len(chosen)
    return replace(record, points=tuple(replace(point, parameters=()) for point in chosen))
