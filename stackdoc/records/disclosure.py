"""What publishing records discloses: each of their fields, with all values that it has in any of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from stackdoc.model.record import Record
from stackdoc.records.sanity import UTC

MOST_LISTED = 8  # numbers of one field; of more, the smallest and the largest are shown
LONGEST_SHOWN = 400  # characters of a text, such as the output of a cell


def disclosed(records: Iterable[Record]) -> Iterator[tuple[str, str]]:
    """Yield each field by its path and its distinct values in words, in the order of the paths.

    Positions in lists are left out of paths, so that `points.launches.wall_ns` has the values of all launches.
    """
    values: dict[str, dict[object, None]] = {}
    for record in records:
        for path, value in _leaves("", record.fields()):
            values.setdefault(path, {})[value] = None
    yield from ((path, _in_words(list(distinct))) for path, distinct in sorted(values.items()))


def _leaves(path: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from _leaves(f"{path}.{name}".lstrip("."), member)
        if not value:
            yield path, None
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for member in value:
            yield from _leaves(path, member)
        if not value:
            yield path, None
    else:
        yield path, value


def _in_words(values: Sequence[object]) -> str:
    """Return the values: texts one by one, many numbers or times by the first and the last."""
    numbers = sorted(value for value in values if isinstance(value, int | float) and not isinstance(value, bool))
    texts = sorted(value for value in values if isinstance(value, str))
    times = [text for text in texts if UTC.fullmatch(text)]
    words = [_one(value) for value in values if value is not None and isinstance(value, bool)]
    words += _several(numbers, "numbers") + _several(times, "times")
    words += [_one(text) for text in texts if text not in times]
    return ", ".join(words) or "nothing"


def _several(values: Sequence[object], noun: str) -> list[str]:
    if len(values) <= MOST_LISTED:
        return [_one(value) for value in values]
    return [f"{len(values)} {noun} from {_one(values[0])} to {_one(values[-1])}"]


def _one(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    more = f"… ({len(text)} characters)" if len(text) > LONGEST_SHOWN else ""
    return text[:LONGEST_SHOWN] + more if text else "''"
