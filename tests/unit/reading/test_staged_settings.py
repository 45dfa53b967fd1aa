"""The configuration of a staged site keeps what the project has written."""

from __future__ import annotations

import pytest
import yaml

from stackdoc.reading.staged_settings import staged

TEXT = """\
# Ours
site_name: A
theme:
  name: material # theirs
hooks: [hook.py]
markdown_extensions:
  - admonition
  - toc:
      permalink: true
  # the last
copyright: !ENV [WHO, us]
nav:
  - index.md
"""
OPTIONS = {"attr_list": {}, "stackdoc": {"root": "/a: b"}}


class Loader(yaml.SafeLoader):
    """Reads `!ENV` as a list."""


def as_list(loader: yaml.SafeLoader, node: yaml.Node) -> list[object]:
    assert isinstance(node, yaml.SequenceNode)
    return loader.construct_sequence(node)


Loader.add_constructor("!ENV", as_list)


def test_other_settings_stay_and_extensions_are_added() -> None:
    text = staged(TEXT, {"nav": ["index.md", "b.md"], "docs_dir": "docs"}, OPTIONS, ["hooks"])
    assert yaml.load(text, Loader) == {
        "site_name": "A",
        "theme": {"name": "material"},
        "copyright": ["WHO", "us"],
        "markdown_extensions": [
            "admonition",
            {"toc": {"permalink": True}},
            {"attr_list": {}},
            {"stackdoc": {"root": "/a: b"}},
        ],
        "nav": ["index.md", "b.md"],
        "docs_dir": "docs",
    }
    assert "# Ours\n" in text
    assert "copyright: !ENV [WHO, us]\n" in text


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", [{"attr_list": {}}, {"stackdoc": {"root": "/a: b"}}]),
        ("markdown_extensions:\n- admonition", ["admonition", {"attr_list": {}}, {"stackdoc": {"root": "/a: b"}}]),
        (
            "markdown_extensions:\n    admonition: {}\n",
            {"admonition": {}, "attr_list": {}, "stackdoc": {"root": "/a: b"}},
        ),
    ],
)
def test_extensions_are_absent_a_list_or_a_mapping(written: str, expected: object) -> None:
    assert yaml.safe_load(staged(f"site_name: A\n{written}", {}, OPTIONS))["markdown_extensions"] == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{site_name: A}", "not a mapping with a key per line"),
        ("- a\n", "not a mapping with a key per line"),
        ("", "not a mapping with a key per line"),
        ("INHERIT: base.yml\n", "inherits settings"),
        ("markdown_extensions: [toc]\n", "an entry per line"),
        ("markdown_extensions:\n", "an entry per line"),
    ],
)
def test_what_can_not_be_staged_is_named(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        staged(text, {}, OPTIONS)
