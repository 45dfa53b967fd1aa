"""`stackdoc env`: list, make and lock the named environments of the examples."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from stackdoc.adapters.cli_options import MINUTES
from stackdoc.adapters.terminal import echo
from stackdoc.errors import count
from stackdoc.project import ENVIRONMENTS, Layout

if TYPE_CHECKING:
    from stackdoc.model.environment import Environment


@click.group()
def command() -> None:
    """List, make and lock named environments.

    An environment contains the packages of examples that can't use the project's own.
    """


@command.command("list")
@click.option(
    "--keep", is_flag=True, help="Write sizes and times of environments made here to docs/data/environments.yml."
)
@click.pass_obj
def list_environments(layout: Layout, keep: bool) -> None:
    """Show the environments and their state here.

    For each, its packages, its size on disk and whether it can be used here.
    """
    from stackdoc.examples import creations
    from stackdoc.run.make_environment import creation_of, inspect_environment, size_bytes

    all_environments = environments(layout)
    width = max(map(len, all_environments), default=0)
    for name, environment in all_environments.items():
        made = inspect_environment(layout.root, environment)
        packages = len(environment.packages) + len(environment.no_deps) + len(environment.no_build_isolation)
        size = f"{size_bytes(layout.root, name) / 2**20:.0f} MiB"
        state = made.problem.removeprefix("which ") or f"made, python {made.python}, {size}"
        echo(f"{name:<{width}}  {packages:>4} {'package ' if packages == 1 else 'packages'}  {state}")
        if environment.summary:
            echo(f"{'':<{width}}  {environment.summary}")
    if keep:
        made_here = [
            creation for environment in all_environments.values() if (creation := creation_of(layout.root, environment))
        ]
        entries = creations.keep(layout, made_here, all_environments)
        file = layout.collection("environments")
        echo(f"{file}: {count(len(entries), 'entry', 'entries')}, {len(made_here)} of them for environments made here")
    if not all_environments:
        echo("no environments; examples/environments/<name>/requirements.lock defines one")


@command.command("create")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--recreate", is_flag=True, help="Make it again from scratch if it exists.")
@click.option("--no-cache", is_flag=True, help="Download every package again, as on a new machine.")
@click.pass_obj
def create_environments(layout: Layout, names: tuple[str, ...], recreate: bool, no_cache: bool) -> None:
    """Make the environments NAME.

    Each is a virtual environment below .stackdoc/environments, made with uv if it is installed.
    """
    from stackdoc.errors import Problem, StackdocError
    from stackdoc.machine import this_machine
    from stackdoc.run.make_environment import create, size_bytes

    known, machine = environments(layout), this_machine()
    problems: list[Problem] = []
    for environment in [environment_named(name, known) for name in names]:
        echo(f"{environment.name}: {count(len(environment.packages), 'package')}")
        if environment.debian:
            echo(f"  needs these Debian packages, which you must install: {' '.join(environment.debian)}")
        try:
            is_new = create(layout.root, environment, machine, _echo_indented, recreate=recreate, cached=not no_cache)
        except StackdocError as error:  # the others may still be made
            problems += error.problems
            continue
        size = f"{size_bytes(layout.root, environment.name) / 2**20:.0f} MiB"
        echo(f"{environment.name}: {f'made, {size}' if is_new else 'already made; --recreate makes it again'}")
    if problems:
        raise StackdocError(problems)


@command.command("measure")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@MINUTES
@click.pass_context
def measure_environments(ctx: click.Context, names: tuple[str, ...], minutes: float | None) -> None:
    """Make the environments NAME, or all, and measure their examples.

    Begins with those whose examples the pages ask for most. What is already made or measured stays, so that the next
    call goes on where this one stopped. The exit code is 1 if an environment can't be made or an example fails.
    """
    from stackdoc.adapters.cli.measure import stop
    from stackdoc.adapters.systems import measure_systems

    layout: Layout = ctx.obj
    known = environments(layout)
    chosen = [environment_named(name, known) for name in names] or [*known.values()]
    signal.signal(signal.SIGTERM, stop)
    if not measure_systems(layout, chosen, minutes):
        ctx.exit(1)


@command.command("lock")
@click.argument("name")
@click.pass_obj
def lock_environment(layout: Layout, name: str) -> None:
    """Lock the packages of an environment.

    Writes requirements.lock from requirements.in beside it, with uv, under the project's constraints.
    """
    from stackdoc.errors import Problem, StackdocError
    from stackdoc.run.make_environment import lock

    directory = layout / ENVIRONMENTS / name
    if not (directory / "requirements.in").is_file():
        place = f"{ENVIRONMENTS}/{name}/requirements.in"
        raise StackdocError([Problem(place, 0, "", "no such file", "list there what the environment is for")])
    lock(layout.root, name, directory / "requirements.in", directory / "requirements.lock", echo)
    echo(f"{name}: {count(len(environments(layout)[name].packages), 'package')} locked")


def _echo_indented(line: str) -> None:
    echo(f"  {line}")


def environments(layout: Layout) -> dict[str, Environment]:
    """Return all environments. Raises StackdocError if one is malformed."""
    from stackdoc.errors import Problem, StackdocError
    from stackdoc.examples.environments import read_environments

    problems: list[Problem] = []
    read = read_environments(layout.root, problems)
    if problems:
        raise StackdocError(problems)
    return read


def environment_named(name: str, known: Mapping[str, Environment]) -> Environment:
    """Return the environment of that name. Raises StackdocError with the nearest known one."""
    from stackdoc.errors import Problem, StackdocError, did_you_mean

    if name not in known:
        hint = did_you_mean(name, known)
        raise StackdocError([Problem(ENVIRONMENTS, 0, name, "unknown environment", hint)])
    return known[name]
