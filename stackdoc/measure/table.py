"""The table that a script prints when it is run directly."""

from __future__ import annotations

from collections.abc import Iterator

from stackdoc.measure.wire import LaunchResult
from stackdoc.model.record import Point
from stackdoc.statistics import Figure, format_figure, format_seconds, sample

HEAD = ("point", "median", "best", "rate", "predicted", "clean blocks")


def print_table(result: LaunchResult) -> None:
    """Print the points and ratios of one launch; nothing if there are none."""
    if not result.points:
        return
    table = [HEAD, *rows(result)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for name, *cells in table:
        print("  ".join((name.ljust(widths[0]), *map(str.rjust, cells, widths[1:]))).rstrip())
    print("One launch: no interval, and another launch may differ. `stackdoc measure` runs several.")


def rows(result: LaunchResult) -> Iterator[tuple[str, ...]]:
    """Yield a row for each point, then one for each ratio."""
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
    timing = sample(launch)
    rate = Figure(point.work.flop / timing.value, None, None, "FLOP/s") if point.work and point.work.flop else None
    return (
        point.key,
        format_seconds(timing.value),
        format_seconds(timing.best),
        format_figure(rate) if rate else "",
        format_seconds(point.prediction.seconds) if point.prediction else "",
        f"{timing.clean} of {timing.blocks}",
    )
