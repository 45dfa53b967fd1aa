"""Join the launches of one example into the points of its record."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from stackdoc.measure.wire import LaunchResult
from stackdoc.model.device import Computed
from stackdoc.model.record import Check, Point, Record
from stackdoc.statistics import quantity
from stackdoc.statistics.roofs import Roofs

HIGHEST_SHARE = 1.03  # of a measured roof; above it the figure or its work is wrong


class LaunchMismatch(Exception):
    """The launches of one example did not measure the same points; the message names them."""


def join_launches(results: Sequence[LaunchResult]) -> tuple[Point, ...]:
    """Return each point once, with the observations of all launches. Raises LaunchMismatch."""
    if not results:
        return ()
    first = {point.key: point for point in results[0].points}
    for number, result in enumerate(results[1:], start=2):
        keys = {point.key for point in result.points}
        if differing := sorted(keys ^ first.keys()):
            raise LaunchMismatch(f"launch 1 and launch {number} measured different points: {', '.join(differing)}")
    by_key = [{point.key: point for point in result.points} for result in results]
    return tuple(_join_point([points[key] for points in by_key]) for key in first)


def computed_on(results: Sequence[LaunchResult]) -> Computed | None:
    """Return the device that all launches used, None if none used one, with all libraries that any of them loaded.

    Raises LaunchMismatch.
    """
    seen = [result.computed for result in results if result.computed]
    devices = list(dict.fromkeys(dataclasses.replace(computed, libraries=()) for computed in seen))
    if len(devices) > 1:
        first, second = (f"{device.name} (device {device.index})" for device in devices[:2])
        raise LaunchMismatch(f"launches computed on different devices: {first} and {second}")
    libraries = dict.fromkeys(library for computed in seen for library in computed.libraries)
    return dataclasses.replace(devices[0], libraries=tuple(libraries)) if devices else None


def with_resources(points: Sequence[Point], display: LaunchResult | None) -> tuple[Point, ...]:
    """Return the points with the memory and energy that the display launch measured."""
    displayed = {point.key: point for point in display.points} if display else {}
    return tuple(
        dataclasses.replace(point, memory=displayed[point.key].memory, energy=displayed[point.key].energy)
        if point.key in displayed
        else point
        for point in points
    )


def _join_point(points: Sequence[Point]) -> Point:
    """Join one point of all launches: the description of the first, all observations, the worst check."""
    first = points[0]
    if any(_description(point) != _description(first) for point in points):
        raise LaunchMismatch(f"the launches describe {first.key} differently")
    launches = tuple(launch for point in points for launch in point.launches)
    checks = [point.check for point in points if point.check is not None]
    worst = max(checks, key=_relative_error, default=None)
    return dataclasses.replace(first, launches=launches, check=worst)


def _description(point: Point) -> tuple[object, ...]:
    return (point.kind, point.unit, point.better, point.dtype, point.clock, point.cache, point.work)


def _relative_error(check: Check) -> float:
    return check.error / check.tolerance if check.tolerance else check.error


def above_roof(record: Record, roofs: Roofs | None) -> tuple[str, ...]:
    """List the points that are faster than the measured roofs of the machine; none without roofs."""
    if roofs is None:
        return ()
    reasons = []
    for point in record.points:
        share = quantity(record, point.key, "roof-share", roofs)
        if share is not None and share.value > HIGHEST_SHARE:
            reasons.append(f"{point.key}: {share.value:.2f} of the measured roof")
    return tuple(reasons)
