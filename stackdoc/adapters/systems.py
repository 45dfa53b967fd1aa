"""Make named environments and measure their examples, those that the pages ask for most first, within a time."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console

from stackdoc.adapters.cli.measure import ConsoleProgress
from stackdoc.adapters.heartbeat import duration
from stackdoc.adapters.registered import priorities
from stackdoc.adapters.run_report import lines
from stackdoc.adapters.terminal import echo
from stackdoc.errors import StackdocError, count
from stackdoc.examples.environments import read_creations
from stackdoc.machine import this_machine
from stackdoc.model.environment import Environment
from stackdoc.model.example import Example
from stackdoc.plan.project import Project, read_project
from stackdoc.project import Layout
from stackdoc.run.make_environment import create, inspect_environment
from stackdoc.run.measuring import bring_up_to_date
from stackdoc.run.pace.allowance import Allowance
from stackdoc.run.pace.groups import LOWEST_PRIORITY


def measure_systems(layout: Layout, environments: Sequence[Environment], minutes: float | None) -> bool:
    """Make and measure one environment after another; return whether none failed.

    With `minutes`, no environment is made that took longer elsewhere than the time left.
    """
    project = read_project(layout, summarised=True)
    ranks, allowance = priorities(project), Allowance(None if minutes is None else 60 * minutes)
    seconds = seconds_to_make(project)
    left_out, is_complete = [], True
    for environment in by_demand(environments, project.examples.values(), ranks):
        is_made = not inspect_environment(layout.root, environment).problem
        if allowance.left <= (0 if is_made else seconds.get(environment.name, 0)):
            left_out.append(environment.name)
            continue
        try:
            if not is_made:
                echo(f"{environment.name}: {count(len(environment.packages), 'package')}")
                create(layout.root, environment, this_machine(), lambda line: echo(f"  {line}"))
            is_complete &= _measure(read_project(layout, summarised=True), environment, ranks, allowance)
        except StackdocError as error:  # the others may still be made
            is_complete = False
            for problem in error.problems:
                echo(problem, err=True)
    if left_out:
        number = count(len(left_out), "environment")
        echo(f"{number} left to the next call, with {duration(allowance.left)} left now: {', '.join(left_out)}")
    return is_complete


def _measure(project: Project, environment: Environment, ranks: Mapping[str, int], allowance: Allowance) -> bool:
    """Measure the examples of an environment and print what came of it; return whether none failed."""
    with ConsoleProgress(Console(file=sys.stdout, highlight=False, soft_wrap=True)) as progress:
        summary = bring_up_to_date(
            project,
            environments=[environment.name],
            progress=progress,
            minutes=None if allowance.seconds is None else max(allowance.left, 1.0) / 60,
            priorities=ranks,
        )
    for line in lines(summary, project.layout):
        echo(f"{environment.name}: {line}")
    return not summary.failures


def by_demand(
    environments: Iterable[Environment], examples: Iterable[Example], ranks: Mapping[str, int]
) -> list[Environment]:
    """Sort the environments: most examples of the first rank first, then of the second, and so on; then by name."""
    ranked: dict[str, list[int]] = {}
    for example in examples:
        ranked.setdefault(example.environment, []).append(ranks.get(example.id, LOWEST_PRIORITY))

    def demand(environment: Environment) -> tuple[list[int], str]:
        own = ranked.get(environment.name, [])
        return [-own.count(rank) for rank in (*sorted(set(ranks.values())), LOWEST_PRIORITY)], environment.name

    return sorted(environments, key=demand)


def seconds_to_make(project: Project) -> dict[str, float]:
    """Return how long each environment took where it was made the fastest; those never made are left out."""
    seconds: dict[str, float] = {}
    for creation in read_creations(project.layout, [], project.environments):
        seconds[creation.environment] = min(creation.seconds, seconds.get(creation.environment, creation.seconds))
    return seconds
