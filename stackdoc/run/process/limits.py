"""The limits of a launch."""

from __future__ import annotations

from dataclasses import dataclass

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30


@dataclass(frozen=True)
class Limits:
    """Limits in seconds, bytes and processes. A launch that reaches one is ended, and no record is made.

    `memory_bytes` bounds the memory of the launch and all its descendants, in files too that are in memory only, and
    `processes` their number.
    Both are checked every `poll_seconds`: a limit on address space would stop CUDA, which maps far more than it uses.
    `silence_seconds` bounds the time without output and without CPU time. `output_bytes` bounds the output, of which
    the last `tail_bytes` are kept. `grace_seconds` pass between the request to end and the kill. `drain_seconds`
    bounds the reading of the output after the launch has ended, since a descendant may keep the pipe open forever.
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
