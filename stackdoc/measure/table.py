"""The table that a script prints when it runs alone."""

from __future__ import annotations

from collections.abc import Iterator

from stackdoc.measure.result import LaunchResult
from stackdoc.record import Point
from stackdoc.statistics import Figure, format_figure, format_seconds, sample

HEAD = ("point", "median", "best", "rate", "predicted", "clean blocks")


def print_table(result: LaunchResult) -> None:
    """Nothing when nothing was measured."""
    if not result.points:
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for number, name in enumerate(HEAD):
        table.add_column(name, justify="right" if number else "left", no_wrap=True)
    for row in rows(result):
        table.add_row(*row)
    console = Console(markup=False, highlight=False)
    console.print(table)
    console.print("One launch: no interval, and another launch may differ. `stackdoc measure` runs several.")


def rows(result: LaunchResult) -> Iterator[tuple[str, ...]]:
    """One for each point, then one for each ratio."""
    seconds = {}
    for point in result.points:
        seconds[point.key] = sample(point.launches[0]).value
        yield _row(point)
    for ratio in result.ratios:
        value = Figure(seconds[ratio.slow] / seconds[ratio.fast], None, None, "×")
        yield (ratio.key, format_figure(value), "", "", "", "")


def _row(point: Point) -> tuple[str, ...]:
    launch = point.launches[0]
    if launch.value is not None:
        return (point.key, format_figure(Figure(launch.value, launch.value, launch.value, point.unit)), "", "", "", "")
    found = sample(launch)
    rate = Figure(point.work.flop / found.value, None, None, "FLOP/s") if point.work and point.work.flop else None
    return (
        point.key,
        format_seconds(found.value),
        format_seconds(found.best),
        format_figure(rate) if rate else "",
        format_seconds(point.prediction.seconds) if point.prediction else "",
        f"{found.clean} of {found.blocks}",
    )
