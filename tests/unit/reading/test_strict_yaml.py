"""What the strict YAML reading refuses, at which line, and how soon."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stackdoc.errors import HARMFUL, Problem
from stackdoc.reading.document import Document
from stackdoc.reading.strict_yaml import NUMBER, parse
from stackdoc.reading.text import read_text


def read(text: str) -> tuple[Document | None, list[str]]:
    problems: list[Problem] = []
    document = parse("f.yml", text, problems)
    return document, [str(problem) for problem in problems]


def test_plain_data_come_with_their_lines() -> None:
    document, problems = read('a: 1\nb:\n- x: "012"\n  y: true\n- null\nc: >-\n  two\n  lines\nd: 1.5e3\n')
    assert problems == []
    assert document is not None
    assert document.data == {"a": 1, "b": [{"x": "012", "y": True}, None], "c": "two lines", "d": 1500.0}
    assert [document.line(path) for path in [("a",), ("b", 0, "y"), ("b", 1), ("c",), ("c", "z")]] == [1, 4, 5, 6, 6]


@pytest.mark.case(57, 58)
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: 1\nb: 2\na: 3\n", "f.yml:3: duplicate key 'a'; first defined on line 1"),
        ("a: &x 1\n", "f.yml:1: a: anchor &x is refused; write the value out where it is needed"),
        ("a:\n- *x\n", "f.yml:2: a[0]: alias *x is refused; write the value out"),
        ("a: !!python/object/apply:os.system [x]\n", "tag tag:yaml.org,2002:python/object/apply:os.system is refused"),
        ("a: !!str 1\n", "f.yml:1: a: tag tag:yaml.org,2002:str is refused; write plain data"),
        ("a: !mine 1\n", "f.yml:1: a: tag !mine is refused; write plain data"),
        ("a: 1\n---\nb: 2\n", "f.yml:2: contains a second document; one file, one document"),
        ("? [a]\n: 1\n", "f.yml:1: a key must be text"),
        ("a: 012\n", 'f.yml:1: a: found 012, which YAML reads as the number 10; quote it: "012"'),
        ("a: on\n", 'f.yml:1: a: found on, which YAML reads as true or false; quote it: "on"'),
        ("a: No\n", 'f.yml:1: a: found No, which YAML reads as true or false; quote it: "No"'),
        ("a: 12:30\n", 'f.yml:1: a: found 12:30, which YAML reads as the number 750; quote it: "12:30"'),
        ("a: 12:30:45\n", "which YAML reads as the number 45045"),
        ("a: 1_000\n", "which YAML reads as the number 1000"),
        ("a: 0x10\n", "which YAML reads as the number 16"),
        ("a: 2026-11-22\n", 'f.yml:1: a: found 2026-11-22, which YAML reads as a date; quote it: "2026-11-22"'),
        ("a: .nan\n", "which YAML reads as the number nan"),
        ("a: 1e999\n", "which YAML reads as a number out of range"),
        (f"a: {'9' * 5000}\n", "which YAML reads as a number"),
        ("a: <<\n", "which YAML reads as a merge"),
        ('a: "\\ud800"\n', "f.yml"),
        ('a: "\\u0000"\n', "f.yml:1: a: contains the unprintable character U+0000"),
        ('a: "x\\u202ey"\n', "f.yml:1: a: contains the unprintable character U+202E"),
        ("a: \x01\n", "f.yml:1: is not YAML"),
        ("a: [1\n", "f.yml:2: is not YAML"),
        ("a: b: c\n", "f.yml:1: is not YAML: mapping values are not allowed"),
        ("", "f.yml: is empty"),
        ("# nothing\n", "f.yml: is empty"),
    ],
)
def test_what_surprises_is_refused_with_its_line(text: str, problem: str) -> None:
    _, problems = read(text)
    assert len(problems) == 1
    assert problem in problems[0]


def test_all_traps_of_a_file_are_named_at_once() -> None:
    _, problems = read("a: on\nb: 012\nc: &x 1\nd: *x\ne: 1\ne: 2\n")
    assert [problem.split(": ")[0] for problem in problems] == [f"f.yml:{line}" for line in (1, 2, 3, 4, 6)]


BILLION = "a0: &a0 [x, x]\n" + "".join(f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 9)}]\n" for k in range(1, 12))
HOSTILE = {
    "aliases": BILLION,
    "lists": "[" * 3000,
    "mappings": "{a: " * 3000,
    "blocks": "- " * 5000 + "x",
    "indents": "".join(f"{' ' * k}a:\n" for k in range(1900)),
    "scalar": "a: " + "x" * 1_900_000,
    "items": "- 1\n" * 480_000,
    "keys": "".join(f"k{k}: on\n" for k in range(150_000)),
    "tabs": "\t" * 1_000_000,
    "comment": "#" * 1_900_000,
    "quotes": 'a: "' + "\\n" * 900_000,
    "complex": "? " * 100_000,
    "anchors": "".join(f"- &a{k} x\n" for k in range(100_000)),
}


@pytest.mark.case(56)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_done_with_in_a_second(name: str) -> None:
    started = time.process_time()
    document, problems = read(HOSTILE[name])
    assert time.process_time() - started < 1
    assert len(problems) <= 101
    assert problems or (name == "scalar" and document is not None)


def test_a_file_of_the_wrong_bytes_is_named_with_what_it_is(tmp_path: Path) -> None:
    cases = {
        "bom.yml": (b"\xef\xbb\xbfa: 1\n", "bom.yml:1: starts with a byte order mark; save it as UTF-8 without a mark"),
        "wide.yml": ("a: 1\n".encode("utf-16"), "wide.yml:1: starts with UTF-16; save it as UTF-8 without a mark"),
        "latin.yml": ("a: 1\nb: é\n".encode("latin-1"), "latin.yml:2: byte 0xe9 is not UTF-8; save it as UTF-8"),
        "large.yml": (b"#" * 2_000_001, "large.yml: is larger than 2 MB; split it"),
        "dir.yml": (None, "dir.yml: can't be read: Is a directory"),
    }
    for name, (content, expected) in cases.items():
        if content is None:
            (tmp_path / name).mkdir()
        else:
            (tmp_path / name).write_bytes(content)
        problems: list[Problem] = []
        assert read_text(tmp_path, name, problems) is None
        assert [str(problem) for problem in problems] == [expected]


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


class Writer(yaml.SafeDumper):
    """Quotes what we read as a number; YAML 1.1, by which PyYAML writes, takes `0E0` for a text."""


Writer.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(f"(?:{NUMBER.pattern})$"), list("-0123456789"))


@given(data=DATA)
@example(data="0E0")
@settings(max_examples=80, deadline=None)
def test_what_was_written_quoted_comes_back(data: object) -> None:
    text = yaml.dump({"a": data}, Dumper=Writer, allow_unicode=True)
    document, problems = read(text)
    if any(HARMFUL.search(part) for part in _texts(data)):
        assert problems
    elif "&" in text and "*" in text and "&id" in text:
        assert problems  # the writer made an anchor of a value that stands twice
    else:
        assert problems == []
        assert document is not None
        assert document.data == {"a": data}


def _texts(data: object) -> list[str]:
    if isinstance(data, str):
        return [data]
    if isinstance(data, list):
        return [text for item in data for text in _texts(item)]
    return [text for pair in data.items() for item in pair for text in _texts(item)] if isinstance(data, dict) else []


@given(text=st.text(max_size=60) | st.text("-?:,[]{}#&*!|>'\"%@` \nab01", max_size=60))
@settings(max_examples=200, deadline=None)
def test_no_text_at_all_makes_it_fall_over(text: str) -> None:
    document, problems = read(text)
    assert document is not None or problems
