"""Groups of jobs that are measured one group after another, so that a stopped run has the records of most groups.

Rounds interleave the launches of a group. docs/project/decisions/0024-groups.md explains why that is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from stackdoc.plan.plan import Profile
from stackdoc.run.job import Job

GROUP_SECONDS: Mapping[Profile, float] = {"quick": 120.0, "full": 300.0}  # of estimated work; one example may take more
LOWEST_PRIORITY = 1 << 16  # of an example without one


def in_order(jobs: Sequence[Job], priorities: Mapping[str, int]) -> list[Job]:
    """Sort the jobs by the priority of their examples, 0 first. Those of one environment share warm processes."""
    return sorted(
        jobs,
        key=lambda job: (
            priorities.get(job.example.id, LOWEST_PRIORITY),
            job.example.environment,
            job.example.id,
            job.device,
        ),
    )


def next_group(jobs: Sequence[Job], seconds: Callable[[Sequence[Job]], float], left: float) -> list[Job]:
    """Return the first jobs that make a group and take no longer than the `left` seconds; may be empty.

    `seconds` estimates the time of jobs. A job that does not fit is passed over for shorter ones.
    """
    group: list[Job] = []
    total = 0.0
    for job in jobs:
        together = total + seconds([job])
        if together <= (min(left, GROUP_SECONDS[job.profile]) if group else left):
            group.append(job)
            total = together
    return group
