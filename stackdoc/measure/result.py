"""What a launch observed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from stackdoc.record import Output, Point, Ratio


@dataclass(frozen=True)
class LaunchResult:
    """Every point with this one launch, in the order measured. `refusals` say why no figure may be made of it."""

    index: int
    points: tuple[Point, ...] = ()
    ratios: tuple[Ratio, ...] = ()
    outputs: tuple[Output, ...] = ()
    refusals: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)
