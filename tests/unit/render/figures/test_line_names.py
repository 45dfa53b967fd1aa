"""Names at the ends of lines: where they fit, without covering each other or another line."""

from __future__ import annotations

from stackdoc.render.figures import axes, specs
from stackdoc.render.figures.drawing import Mark
from stackdoc.render.figures.line_names import LINE_HEIGHT, line_names

AXIS = axes.quantity_axis("rate", [1.0, 100.0], None)


def series(name: str, *values: float) -> list[Mark]:
    return [
        Mark(f"{name};n={place}", name, name, value, name, value, value, x=float(place))
        for place, value in enumerate(values, 1)
    ]


def in_order(*lines: list[Mark]) -> list[Mark]:
    return sorted((mark for line in lines for mark in line), key=lambda mark: mark.x or 0.0)


def test_names_replace_the_legend_where_they_fit() -> None:
    marks = in_order(series("library", 10, 20, 40, 60, 90), series("loop", 1, 2, 3, 4, 5))
    made = specs.sweep(marks, "rate", "n", axes.WIDE)
    texts = [
        row["name"] for layer in made["layer"] if layer["mark"]["type"] == "text" for row in layer["data"]["values"]
    ]
    assert texts == ["library", "loop"]
    assert all("legend" not in str(layer["encoding"].get("color", {}).get("legend") or "") for layer in made["layer"])
    assert made["padding"]["right"] > axes.label_width("library")


def test_names_of_close_ends_are_moved_apart_or_go_into_a_legend() -> None:
    close = in_order(series("a", 10, 20, 40, 60, 90), series("b", 9, 19, 39, 59, 89))
    first, second = line_names(close, AXIS, axes.WIDE, 300)
    assert second.y + second.dy - first.y - first.dy >= LINE_HEIGHT - 0.1
    crowd = in_order(*(series(f"s{number}", 1, 2, 3, 4, 5.0) for number in range(8)))
    assert line_names(crowd, AXIS, axes.WIDE, 300) == []
    legends = [layer["encoding"].get("color", {}).get("legend") for layer in specs.sweep(crowd, "", "n", 680)["layer"]]
    assert any(legends)


def test_a_line_that_ends_early_is_named_only_where_no_other_line_passes() -> None:
    long = series("long", 10, 20, 40, 60, 90)
    assert {name.text for name in line_names(in_order(long, series("low", 1, 2, 3)), AXIS, 680, 300)} == {"long", "low"}
    assert line_names(in_order(long, series("under", 40, 41, 42)), AXIS, 680, 300) == []


def test_a_name_too_long_for_the_figure_goes_into_a_legend() -> None:
    marks = in_order(series("a name that takes more than a third of a phone", 1, 2, 3), series("b", 4, 5, 6))
    assert line_names(marks, AXIS, axes.NARROW, 240) == []
    assert line_names(series("alone", 1, 2, 3), AXIS, axes.WIDE, 300) == []
