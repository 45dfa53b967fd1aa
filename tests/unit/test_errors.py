"""A problem is one line with place, finding and remedy; an error holds all of them."""

from __future__ import annotations

import pytest

from stackdoc.errors import Problem, StackdocError, clean, did_you_mean


def test_a_problem_is_one_line_with_its_place() -> None:
    problem = Problem("docs/data/stack.yml", 7, "layers[2].name", "is empty", "give one")
    assert str(problem) == "docs/data/stack.yml:7: layers[2].name: is empty; give one"
    assert str(Problem("a.yml", 0, "", "is empty")) == "a.yml: is empty"


def test_a_problem_of_any_length_is_a_line_that_can_be_read() -> None:
    assert len(str(Problem("a", 1, "x" * 100_000, "y"))) == 2001


def test_an_error_holds_each_problem_once_in_the_order_of_files_and_lines() -> None:
    late, early, other = Problem("b", 2, "", "x"), Problem("b", 1, "", "y"), Problem("a", 9, "", "z")
    error = StackdocError([late, early, other, late])
    assert error.problems == (other, early, late)
    assert str(error) == "a:9: z\nb:1: y\nb:2: x"


def test_the_hint_is_the_nearest_word_or_all_of_a_few() -> None:
    assert did_you_mean("kernls", ["kernels", "runtime"]) == "did you mean 'kernels'?"
    assert did_you_mean("zzz", ["b", "a"]) == "known: a, b"
    assert did_you_mean("zzz", map(str, range(100, 120))) == ""


@pytest.mark.case(92)
def test_what_cannot_be_seen_in_a_name_is_replaced_and_joiners_stay() -> None:
    assert clean("a\u00adb\u2060c\u2063d") == "a\ufffdb\ufffdc\ufffdd"
    assert clean("\U0001f468\u200d\U0001f52c") == "\U0001f468\u200d\U0001f52c"
