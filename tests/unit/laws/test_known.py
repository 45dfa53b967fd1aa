"""The laws that a launch knows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stackdoc.laws.known import KnownLaw, law_value
from stackdoc.laws.read import known_laws, laws_of_script
from tests.made.laws import KV, checked


def test_a_launch_gets_the_laws_of_the_files_that_its_example_names(tmp_path: Path) -> None:
    checked(tmp_path, KV)
    (tmp_path / "docs/data/other.yml").write_text("- id: kv\n", "utf-8")
    files = ["docs/data/other.yml", "docs/data/laws/kernels.yml", "docs/data/laws/none.yml"]
    laws = known_laws(tmp_path, files)
    found = law_value(laws, "kv", {"layers": 3, "bytes_per_number": 2, "tokens": 10})
    assert float(found) == 120.0
    assert found.formula == "kv: 2 * layers * bytes_per_number * tokens"
    assert known_laws(tmp_path, files[:1]) == {}


@pytest.mark.parametrize(
    ("id", "symbols", "said"),
    [
        ("kv-cach", {"a": 1}, "unknown law 'kv-cach'; did you mean 'kv-cache'?"),
        ("other", {"a": 1}, "unknown law 'other'; name its file in data, such as docs/data/laws/kernels.yml"),
        ("kv-cache", {"b": 1}, "law 'kv-cache' has no symbol 'b'; known: a"),
        ("kv-cache", {}, "law 'kv-cache' lacks a"),
        ("kv-cache", {"a": 0}, "law 'kv-cache' divides by zero"),
    ],
)
def test_a_wrong_call_of_a_law_says_what_is_wrong(id: str, symbols: dict[str, float], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        law_value({"kv-cache": KnownLaw("1 / a", ("a",))}, id, symbols)


def test_a_script_that_runs_alone_finds_the_laws_of_its_project(tmp_path: Path) -> None:
    checked(tmp_path, KV)
    script = tmp_path / "examples/kernels/one.py"
    script.parent.mkdir(parents=True)
    header = '# /// script\n# [tool.stackdoc]\n# title = "A"\n# data = ["docs/data/laws/kernels.yml"]\n# ///\n'
    script.write_text(header, "utf-8")
    assert set(laws_of_script(str(script))) == {"kv"}
    with pytest.raises(ValueError, match="is not part of a project"):
        laws_of_script(str(tmp_path / "one.py"))
