"""Whole numbers, held as compactly as an array holds them: most of a record is samples."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import overload


class Packed(Sequence[int]):
    """Numbers of 64 bits that never change, eight bytes each where a tuple takes forty.

    Equal to any sequence of the same numbers. Raises ValueError for one that does not fit.
    """

    __slots__ = ("_held",)

    def __init__(self, numbers: Iterable[int] = ()) -> None:
        try:
            self._held = array("q", numbers)
        except OverflowError:
            raise ValueError("a sample has more than 64 bits") from None

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[int]:
        return iter(self._held)

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[int, ...]: ...
    def __getitem__(self, place: int | slice) -> int | tuple[int, ...]:
        return tuple(self._held[place]) if isinstance(place, slice) else self._held[place]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Packed):
            return self._held == other._held
        return tuple(self) == tuple(other) if isinstance(other, tuple | list) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))
