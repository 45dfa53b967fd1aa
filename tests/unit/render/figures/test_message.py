"""Titles of figures: for every outcome a sentence that the intervals support, and never another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackdoc.errors import StackdocError
from stackdoc.render.fences.block import fence
from stackdoc.render.figures.drawing import Drawing, Mark, Word, drawing
from stackdoc.render.figures.message import message, outcome, titled
from stackdoc.render.values.record_view import view_of
from stackdoc.site.labels import ParameterLabel
from stackdoc.statistics import Figure
from tests.made import two_machines

UNITS = {"time": "s", "rate": "FLOP/s", "memory": "B", "value": "B", "ratio": "×", "roof-share": "%"}
NARROW = 0.02


def mark(label: str, value: float, half: float | None = NARROW, unit: str = "s", **parameters: float | str) -> Mark:
    words = [Word(name, f"{name} = {number}", not isinstance(number, str)) for name, number in parameters.items()]
    low, high = (None, None) if half is None else (value * (1 - half), value * (1 + half))
    x = next((float(number) for number in parameters.values() if not isinstance(number, str)), None)
    figure = Figure(value, low, high, unit)
    return Mark(
        label, label, label, value, label, low, high, x=x, words=(Word("", label), *words), figure=figure
    )  # fmt: skip


def drawn(*marks: Mark, quantity: str = "time", kind: str = "bars") -> Drawing:
    return Drawing(kind, marks, "", "", "", quantity=quantity)


def compared(quantity: str, more: float, less: float) -> str:
    unit = UNITS[quantity]
    return message(drawn(mark("loop", more, unit=unit), mark("library", less, unit=unit), quantity=quantity))


@pytest.mark.parametrize(
    ("quantity", "said"),
    [
        ("time", "Library ran 4.0× as fast as loop"),
        ("rate", "Loop reached 4.0× the rate of library"),
        ("memory", "Loop took 4.0× the memory of library"),
        ("value", "Loop: 8.0 B, library: 2.00 B"),
        ("ratio", "Loop: 8.0×, library: 2.00×"),
    ],
)
def test_two_points_that_differ_are_compared_in_the_words_of_their_quantity(quantity: str, said: str) -> None:
    assert compared(quantity, 8.0, 2.0) == said


def test_what_the_intervals_do_not_show_is_not_said() -> None:
    close = message(drawn(mark("loop", 1.04), mark("library", 1.0)))
    assert close == "No difference above 5 % between “library” and “loop”, as far as the intervals show"
    assert "No difference" in message(drawn(mark("loop", 1.5, 0.3), mark("library", 1.0, 0.3)))
    assert message(drawn(mark("loop", 9.0, None), mark("library", 1.0))) == ""
    assert message(drawn(mark("a", 1.0), mark("b", 1.01), mark("c", 1.02))).startswith("No two of these 3 differ")
    assert message(drawn(mark("loss", -1.0), mark("gain", 2.0), quantity="value")) == ""


def test_the_largest_ratio_is_that_of_points_under_the_same_conditions() -> None:
    marks = [mark(name, value * n, n=n) for name, value in (("loop", 8.0), ("library", 1.0)) for n in (1, 2)]
    marks[0] = mark("loop", 12.0, n=1)
    assert message(drawn(*marks)) == "Library ran up to 12.0× as fast as loop (n = 1)"


def test_labels_with_parts_are_compared_if_one_part_differs() -> None:
    def parted(first: str, second: str, value: float) -> Mark:
        words = (Word("", first), Word(",", second))
        return Mark(f"{first}{second}", "", "", value, "", value, value, words=words, figure=Figure(value, 1, 1, "s"))

    marks = [parted("chain", "eager", 4.0), parted("chain", "compiled", 2.0), parted("net", "eager", 90.0)]
    assert message(drawn(*marks)) == "Chain ran 22.5× as fast as net (eager)"


def crossing(*values: tuple[float, float]) -> Drawing:
    marks = [
        mark(name, value, n=2**place)
        for place, pair in enumerate(values)
        for name, value in zip(("a", "b"), pair, strict=True)
    ]
    return drawn(*marks, kind="sweep")


def test_a_crossing_names_the_last_place_before_and_the_first_after_it() -> None:
    once = crossing((1, 2), (2, 3), (3.0, 3.02), (4, 3), (9, 4))
    assert message(once) == "A ran faster up to n = 2, b from n = 8 on"
    assert outcome(once) == "crossing"
    twice = crossing((1, 2), (3, 2), (4, 5))
    assert message(twice) == "A ran faster (n = 1), b ran faster (n = 2)"
    undecided_first = crossing((1.0, 1.01), (2, 3), (4, 3), (9, 4))
    assert message(undecided_first) == "B ran faster (n = 8), a ran faster (n = 2)"


def test_one_series_is_described_from_end_to_end_with_what_was_predicted() -> None:
    marks = [mark("step", 1.0 + n, n=n) for n in (1, 2, 4, 8, 15)]
    assert message(drawn(*marks, kind="sweep")) == "Step took 8.0× as long with n = 15 as with n = 1"


def test_predictions_reported_as_points_are_not_compared_with() -> None:
    predicted = Mark("step-predicted;n=1", "", "", 9.0, "", 9.0, 9.0, words=(Word("", "predicted"),))
    assert message(drawn(mark("step", 1.0), predicted)) == "Step took 1.00 s"


def test_a_roof_is_reached_by_the_one_that_the_intervals_show() -> None:
    near, far, close = (mark(name, value, unit="%") for name, value in (("a", 0.8), ("b", 0.2), ("c", 0.79)))
    assert message(drawn(near, far, quantity="roof-share")) == "A reached 80 % of the roof, the others less"
    assert message(drawn(near, close, quantity="roof-share")) == "These points reached 79 % to 80 % of their roofs"


@given(st.lists(st.tuples(st.floats(1e-9, 1e9), st.floats(0.0, 0.9)), min_size=2, max_size=6))
def test_a_title_never_says_more_than_the_intervals(points: Sequence[tuple[float, float]]) -> None:
    marks = [mark(f"m{place}", value, half) for place, (value, half) in enumerate(points)]
    said = message(drawn(*marks))
    apart = [
        (less.label, more.label)
        for more in marks
        for less in marks
        if (more.low or 0.0) / (less.high or 1.0) > 1.05
    ]  # fmt: skip
    if " ran " in said:
        fast, _, slow = said.partition(" ran ")
        assert (fast, slow.rpartition(" ")[2]) in apart
    else:
        assert said.startswith("No ")
        assert not apart


def test_an_author_gives_a_title_for_all_outcomes_or_for_each() -> None:
    figure = drawn(mark("loop", 8.0), mark("library", 2.0))
    titles = {"above": "Slow", "below": "Fast", "undecided": "Who knows"}
    assert titled(figure, {"": "Mine"}) == "Mine"
    assert titled(figure, titles) == "Slow"
    assert titled(drawn(*reversed(figure.marks)), titles) == "Fast"
    assert titled(drawn(mark("loop", 1.0), mark("library", 1.0)), titles) == "Who knows"
    assert titled(crossing((1, 2), (3, 2)), titles) == "Who knows"
    assert titled(figure, {}) == message(figure)


def drawn_fence(root: Path, title: str) -> str:
    body = f"example: kernels/gemm\nfigure: timing\npoints: [plain n=256, library n=256]\n{title}"
    return fence(two_machines.site(root), body, "docs/x.md", 1)


def test_the_title_stands_above_the_figure_and_in_its_label(tmp_path: Path) -> None:
    generated = drawn_fence(tmp_path, "")
    assert '<p class="sd-figure-title">torch.mm ran 100× as fast as plain</p>' in generated.replace("95×", "100×")
    mine = drawn_fence(tmp_path, "title: {above: The `loop` is slow, undecided: Unclear}")
    assert '<p class="sd-figure-title">The <code>loop</code> is slow</p>' in mine
    assert 'aria-label="The loop is slow. ' in mine


@pytest.mark.parametrize(
    ("title", "message"),
    [
        ("title: {abov: x, undecided: y}", "unknown outcome 'abov'"),
        ("title: {above: x}", "lacks a title for 'undecided'"),
        ("title: {above: '', undecided: y}", "the title for 'above' is empty"),
        ("title: 3", "title is 3"),
    ],
)
def test_a_wrong_title_is_refused_with_its_line(tmp_path: Path, title: str, message: str) -> None:
    with pytest.raises(StackdocError, match=message) as refused:
        drawn_fence(tmp_path, title)
    assert refused.value.problems[0].line == 4


def test_parameters_have_the_labels_of_the_project(tmp_path: Path) -> None:
    labels: Mapping[str, ParameterLabel] = {"n": ParameterLabel("n", "{} rows", "one row")}
    site = two_machines.site(tmp_path, labels=labels)
    view = view_of(site, site.records["aaaaaaaaaaaa"])
    keys = [f"library;n={n}" for n in (128, 1024)]
    made = drawing(view, "timing", keys)
    assert [shown.label.replace("\xa0", " ") for shown in made.marks] == ["128 rows", "1024 rows"]
    assert "took" in message(made)
    assert drawing(view, "sweep", keys).x_title == "rows"
    assert labels["n"].of(1, "1") == "one row"
    assert ParameterLabel("way").of("cache-and-8-bits", "") == "way = cache and 8 bits"
    assert ParameterLabel("reuse").of(True, "True") == "reuse = yes"
