"""`stackdoc plan`: show what would run, be reused or be skipped, and why."""

from __future__ import annotations

from collections import Counter

import click

from stackdoc.adapters.cli_options import selecting
from stackdoc.adapters.terminal import echo
from stackdoc.project import Layout


@click.command()
@selecting
@click.option("--again", is_flag=True, help="Plan as for `measure --again`.")
@click.pass_obj
def command(layout: Layout, patterns: tuple[str, ...], profile: str, devices: tuple[str, ...], again: bool) -> None:
    """Show what `measure` would do, and why.

    Lists the examples that match PATTERN (`kernels`, `kernels/*`), or all. Runs nothing.
    """
    from stackdoc.plan.project import read_project
    from stackdoc.run.process.confinement import can_confine
    from stackdoc.run.situation import assess

    project = read_project(layout, summarised=True)
    situation = assess(
        project, profile="full" if profile == "full" else "quick", patterns=patterns, devices=devices, again=again
    )
    width = max((len(decision.example) for decision in situation.decisions), default=0)
    for decision in situation.decisions:
        reason = decision.reason.removeprefix("skipped: ")
        echo(f"{decision.example:<{width}}  {decision.device:<5} {decision.action:<6} {reason}")
    counts = Counter(decision.action for decision in situation.decisions)
    echo(f"run {counts['run']}, reuse {counts['reuse']}, skip {counts['skip']}")
    if counts["run"] and not can_confine():
        echo("not isolated: launches could reach the network here")
    for problem in situation.problems:
        echo(problem, err=True)
