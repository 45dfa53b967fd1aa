"""Keeps launches to as many CPUs as a quota pays for, so that what counts CPUs counts what it can use."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager

from stackdoc.model.machine import Allotment


@contextmanager
def within_quota(allotment: Allotment | None) -> Iterator[None]:
    """Meanwhile this process, and what it starts, runs on that many CPUs, drawn at random; no quota, no change.

    More threads than the quota pays for would each be stopped in the middle of a call, up to a tenth of a second long.
    """
    if allotment is None or allotment.quota_cpus is None or not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, random.sample(sorted(before), min(allotment.usable_cpus, len(before))))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
