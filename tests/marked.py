"""What a run of marked tests says of the numbers that they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pytest


def numbers_of(item: pytest.Item, mark: str) -> list[int]:
    """All numbers that the test bears under that mark, of its class, its parameters and itself."""
    return sorted({int(number) for one in item.iter_markers(mark) for number in one.args})


def table(
    mark: str,
    words: Mapping[int, str],
    reports: Iterable[pytest.TestReport],
    left_out: Mapping[tuple[str, int], set[str]],
) -> Iterator[str]:
    """A line a number: whether its tests passed, what they measured (`record_property`), what was left out."""
    found = [(list(report.user_properties), report) for report in reports]
    for number, meaning in words.items():
        ours = [(dict(given), report) for given, report in found if (mark, number) in given]
        failed = sum(report.failed for _, report in ours)
        notes = [str(given["measured"]) for given, _ in ours if "measured" in given]
        answer = f"{failed} of {len(ours)} FAILED" if failed else f"passed ({len(ours)} tests)" if ours else "not run"
        yield f"{mark} {number}: {answer}: {meaning}"
        yield from (f"    {note}" for note in notes)
        yield from (f"    left out: {reason}" for reason in sorted(left_out.get((mark, number), ())))
