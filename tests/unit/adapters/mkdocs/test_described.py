"""Equal settings have equal texts, different ones different texts, and what we do not know has none."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from pathspec.gitignore import GitIgnoreSpec
from pymdownx.superfences import fence_code_format

from stackdoc.adapters.mkdocs.described import Undescribable, described

VALUES = [
    None, True, 1, 1.0, "1", "None", [], ["a", "b"], ["a, b"], [["a"], "b"], {"a": 1}, {"a": "1"}, {"a": {"b": 1}},
    Path("a"), datetime.date(2026, 11, 30), datetime.datetime(2026, 11, 30), GitIgnoreSpec.from_lines(["*.py"]),
    GitIgnoreSpec.from_lines(["*.md"]), fence_code_format,
]  # fmt: skip


def test_different_settings_have_different_texts() -> None:
    texts = [described(value) for value in VALUES]
    assert len(set(texts)) == len(texts)


def test_the_order_of_keys_and_sets_does_not_count() -> None:
    assert described({"a": 1, "b": {"x", "y"}}) == described({"b": {"y", "x"}, "a": 1})


@pytest.mark.parametrize("value", [object(), lambda text: text, [object()], {"a": pytest.raises}])
def test_what_may_do_anything_has_no_text(value: object) -> None:
    with pytest.raises(Undescribable):
        described(value)
