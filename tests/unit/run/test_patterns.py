"""Searches of an output end in time, whatever the pattern."""

from __future__ import annotations

import re
import time

import pytest

from stackdoc.run.process import patterns
from stackdoc.run.process.patterns import Unsearched, contains, first_match


def test_a_search_finds_what_re_finds() -> None:
    text = "loss nan\nstep 2 “ü” \ud800"
    for pattern in ("nan|inf", "^step", "(?m)^step", "“.”", "$", "absent", "\ud800"):
        match = re.search(pattern, text)
        assert first_match(pattern, text) == (match[0] if match else None)


@pytest.mark.case(1)
@pytest.mark.parametrize(
    "search",
    [
        lambda: first_match("(a|a)*b$", "a" * 60),
        lambda: contains("1" * 20_000, "0.5 x", 0.0),
    ],
)
@pytest.mark.case(81)
def test_a_search_that_takes_for_ever_ends(monkeypatch: pytest.MonkeyPatch, search: object) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 1.0)
    started = time.monotonic()
    with pytest.raises(Unsearched, match="takes longer than 1 s to search for"):
        search()  # type: ignore[operator]
    assert time.monotonic() - started < 5


def test_a_search_that_fails_is_said_in_one_line() -> None:
    with pytest.raises(Unsearched, match=r"can't be searched for: .*error: "):
        first_match("(", "a")
