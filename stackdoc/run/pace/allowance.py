"""The time that a run may take."""

from __future__ import annotations

import math
import time
from collections.abc import Callable


class Allowance:
    """A number of seconds from now on, None for as many as it takes. `clock` returns seconds."""

    def __init__(self, seconds: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._started = clock()

    @property
    def left(self) -> float:
        """The seconds that are left; infinity without a limit."""
        return math.inf if self.seconds is None else max(0.0, self.seconds - (self._clock() - self._started))
