"""Laws for tests: one of them as a file has it, those of the handbook, and trees of any shape."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from stackdoc.errors import Problem
from stackdoc.laws.check import law_problems
from stackdoc.laws.expression import Call, Constant, Name, Negative, Operation, Tree
from stackdoc.laws.law import Law
from stackdoc.laws.read import read_laws
from stackdoc.project import Layout
from tests.made.repository import ROOT

KV = """
- id: kv
  layer: kernels
  name: Size of a cache
  expression: 2 * layers * bytes_per_number * tokens
  unit: B
  symbols:
    layers: {unit: "1", means: layers}
    bytes_per_number: {unit: B, means: size of a number}
    tokens: {unit: token, means: tokens}
  source: counting
  vectors:
    - given: {layers: 3, bytes_per_number: 2 B, tokens: 10}
      result: 120 B
      source: counting
"""

NAMES = st.sampled_from(["a", "b", "layers", "bytes_per_number"])
NUMBERS = st.floats(0, 1e12, allow_nan=False).map(Constant)
TREES: st.SearchStrategy[Tree] = st.recursive(
    NUMBERS | NAMES.map(Name),
    lambda inner: (
        st.builds(Operation, st.sampled_from(["+", "-", "*", "/"]), inner, inner)
        | st.builds(Operation, st.just("**"), inner, st.integers(0, 4).map(lambda power: Constant(float(power))))
        | st.builds(Negative, inner)
        | st.builds(Call, st.sampled_from(["min", "max"]), st.tuples(inner, inner))
        | st.builds(Call, st.sampled_from(["sqrt", "log", "log2", "exp", "ceil", "floor"]), st.tuples(inner))
    ),
    max_leaves=10,
)


def laws_of_handbook() -> list[Law]:
    problems: list[Problem] = []
    found = read_laws(Layout(ROOT), problems)
    assert not problems
    return list(found.values)


def checked(root: Path, text: str) -> str:
    """What is wrong with a file of laws, a line each."""
    place = root / "docs/data/laws"
    place.mkdir(parents=True, exist_ok=True)
    (place / "kernels.yml").write_text(text, "utf-8")
    problems: list[Problem] = []
    for entry, law in read_laws(Layout(root), problems).entries:
        problems.extend(law_problems(entry, law))
    return "\n".join(map(str, problems))
