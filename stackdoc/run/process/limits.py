"""Every limit that a launch runs under, in one place."""

from __future__ import annotations

from dataclasses import asdict, dataclass

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30


@dataclass(frozen=True)
class Limits:
    """Seconds and bytes. Reaching any of them ends the launch, and never becomes a record.

    `memory_bytes` bounds the resident memory of the launch and all its descendants; it is looked
    at every `poll_seconds`, because a limit on address space would stop CUDA, which maps far more
    than it uses. `processes` bounds their number in the same way. `silence_seconds` bounds the time
    without any output and without CPU time. `grace_seconds` lie between the request to end and the
    kill. `drain_seconds` is how long the pipe is read after the launch has ended, since a descendant
    may hold it open for ever.
    """

    seconds: float = 60.0
    silence_seconds: float = 30.0
    grace_seconds: float = 1.0
    drain_seconds: float = 0.3
    poll_seconds: float = 0.25
    output_bytes: int = 1 * MIB
    tail_bytes: int = 8 * KIB
    memory_bytes: int = 16 * GIB
    processes: int = 512
    file_bytes: int = 1 * GIB

    def to_json(self) -> dict[str, float]:
        return asdict(self)
