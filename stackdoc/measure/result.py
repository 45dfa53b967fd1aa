"""What a launch observed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from stackdoc.record import Check, Energy, Launch, Memory, Output, Point, Prediction, Ratio, Work


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

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> LaunchResult:
        return cls(
            index=data["index"],
            points=tuple(_point(point) for point in data["points"]),
            ratios=tuple(Ratio(**{**ratio, "parameters": _parameters(ratio)}) for ratio in data["ratios"]),
            outputs=tuple(Output(**output) for output in data["outputs"]),
            refusals=tuple(data["refusals"]),
        )


def _point(data: dict[str, Any]) -> Point:
    parts: dict[str, Any] = {
        "parameters": _parameters(data),
        "launches": tuple(_launch(launch) for launch in data["launches"]),
        "work": Work(**data["work"]) if data["work"] else None,
        "check": Check(**data["check"]) if data["check"] else None,
        "memory": Memory(**data["memory"]) if data["memory"] else None,
        "energy": Energy(**data["energy"]) if data["energy"] else None,
        "prediction": Prediction(**data["prediction"]) if data["prediction"] else None,
    }
    return Point(**{**data, **parts})


def _parameters(data: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple((name, value) for name, value in data["parameters"])


def _launch(data: dict[str, Any]) -> Launch:
    plain: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
    return Launch(**plain)
