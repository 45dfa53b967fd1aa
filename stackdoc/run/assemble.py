"""Launches of one example joined into one record."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from stackdoc.measure.wire import LaunchResult
from stackdoc.model.record import Check, Point, Record
from stackdoc.statistics import quantity
from stackdoc.statistics.roofs import Roofs

HIGHEST_SHARE = 1.03  # of a measured roof; above it the figure or its work is wrong


class Mismatch(Exception):
    """The launches of one example did not measure the same points; the message says which."""


def joined(results: Sequence[LaunchResult]) -> tuple[Point, ...]:
    """Each point once, with the observations of all launches; none without launches. Raises Mismatch."""
    if not results:
        return ()
    first = {point.key: point for point in results[0].points}
    for number, result in enumerate(results[1:], start=2):
        keys = {point.key for point in result.points}
        if differing := sorted(keys ^ first.keys()):
            raise Mismatch(f"launch 1 and launch {number} measured other points: {', '.join(differing)}")
    by_key = [{point.key: point for point in result.points} for result in results]
    return tuple(_join([points[key] for points in by_key]) for key in first)


def with_resources(points: Sequence[Point], display: LaunchResult | None) -> tuple[Point, ...]:
    """The points with the memory and energy that the untimed launch saw."""
    seen = {point.key: point for point in display.points} if display else {}
    return tuple(
        dataclasses.replace(point, memory=seen[point.key].memory, energy=seen[point.key].energy)
        if point.key in seen
        else point
        for point in points
    )


def _join(points: Sequence[Point]) -> Point:
    """The first launch's description, the observations of all, the check that came out worst."""
    first = points[0]
    if any(_described(point) != _described(first) for point in points):
        raise Mismatch(f"the launches describe {first.key} differently")
    launches = tuple(launch for point in points for launch in point.launches)
    checks = [point.check for point in points if point.check is not None]
    worst = max(checks, key=_badness, default=None)
    return dataclasses.replace(first, launches=launches, check=worst)


def _described(point: Point) -> tuple[object, ...]:
    return (point.kind, point.unit, point.better, point.dtype, point.clock, point.cache, point.work)


def _badness(check: Check) -> float:
    return check.error / check.tolerance if check.tolerance else check.error


def over_the_roof(record: Record, roofs: Roofs | None) -> tuple[str, ...]:
    """Points faster than the machine was ever measured to be, in words; none without roofs."""
    if roofs is None:
        return ()
    found = []
    for point in record.points:
        share = quantity(record, point.key, "roof-share", roofs)
        if share is not None and share.value > HIGHEST_SHARE:
            found.append(f"{point.key}: {share.value:.2f} of the measured roof")
    return tuple(found)
