"""`stackdoc env`: the named environments of the examples; what there is of them, making them, locking them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from stackdoc.adapters.terminal import echo
from stackdoc.project import ENVIRONMENTS, Layout

if TYPE_CHECKING:
    from stackdoc.model.environment import Environment


@click.group()
def command() -> None:
    """List, make and lock the environments of examples that can't share the project's own."""


@command.command("list")
@click.option("--keep", is_flag=True, help="Write sizes and times of those made here to docs/data/environments.yml.")
@click.pass_obj
def list_environments(layout: Layout, keep: bool) -> None:
    """Say of each environment what it holds, what it takes on disk, and whether it can be used here."""
    from stackdoc.examples import creations
    from stackdoc.machine import this_machine
    from stackdoc.run.make_environment import creation_of, inspect_environment, size_bytes

    found = environments(layout)
    machine = this_machine()
    width = max(map(len, found), default=0)
    for name, environment in found.items():
        made = inspect_environment(layout.root, environment, machine)
        held = len(environment.packages) + len(environment.no_deps) + len(environment.no_build_isolation)
        size = f"{size_bytes(layout.root, name) / 2**20:.0f} MiB"
        state = made.problem.removeprefix("which ") or f"made, python {made.python}, {size}"
        echo(f"{name:<{width}}  {held:>4} packages  {state}")
        if environment.summary:
            echo(f"{'':<{width}}  {environment.summary}")
    if keep:
        made_here = [one for environment in found.values() if (one := creation_of(layout.root, environment))]
        kept = creations.keep(layout, made_here, found)
        file = layout.collection("environments")
        echo(f"{file}: {len(kept)} entries, {len(made_here)} of them of environments made here")
    if not found:
        echo("no environment: examples/environments/<name>/requirements.lock makes one")


@command.command("create")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--recreate", is_flag=True, help="From nothing, also when it is made.")
@click.option("--no-cache", is_flag=True, help="Fetch every package anew, as a fresh machine does.")
@click.pass_obj
def create_environments(layout: Layout, names: tuple[str, ...], recreate: bool, no_cache: bool) -> None:
    """Make the environments: a virtual environment each below .stackdoc/environments, with uv where there is one."""
    from stackdoc.errors import Problem, StackdocError
    from stackdoc.machine import this_machine
    from stackdoc.run.make_environment import create, size_bytes

    found, machine = environments(layout), this_machine()
    problems: list[Problem] = []
    for environment in [chosen(name, found) for name in names]:
        echo(f"{environment.name}: {len(environment.packages)} packages")
        if environment.debian:
            echo(f"  needs from Debian, not installed here: {' '.join(environment.debian)}")
        try:
            is_new = create(layout.root, environment, machine, _tell, recreate=recreate, cached=not no_cache)
        except StackdocError as error:  # the others may still be made
            problems += error.problems
            continue
        size = f"{size_bytes(layout.root, environment.name) / 2**20:.0f} MiB"
        echo(f"{environment.name}: {f'made, {size}' if is_new else 'is made already; --recreate makes it again'}")
    if problems:
        raise StackdocError(problems)


@command.command("lock")
@click.argument("name")
@click.pass_obj
def lock_environment(layout: Layout, name: str) -> None:
    """Write requirements.lock from requirements.in beside it, with uv, under the project's constraints."""
    from stackdoc.errors import Problem, StackdocError
    from stackdoc.run.make_environment import lock

    directory = layout / ENVIRONMENTS / name
    if not (directory / "requirements.in").is_file():
        place = f"{ENVIRONMENTS}/{name}/requirements.in"
        raise StackdocError([Problem(place, 0, "", "is no file", "list there what the environment is for")])
    lock(layout.root, name, directory / "requirements.in", directory / "requirements.lock", echo)
    echo(f"{name}: {len(environments(layout)[name].packages)} packages locked")


def _tell(line: str) -> None:
    echo(f"  {line}")


def environments(layout: Layout) -> dict[str, Environment]:
    """All of them. Raises StackdocError when one is not well formed."""
    from stackdoc.errors import Problem, StackdocError
    from stackdoc.examples.environments import read_environments

    problems: list[Problem] = []
    found = read_environments(layout.root, problems)
    if problems:
        raise StackdocError(problems)
    return found


def chosen(name: str, found: Mapping[str, Environment]) -> Environment:
    """The one of that name. Raises StackdocError when there is none."""
    from stackdoc.errors import Problem, StackdocError, did_you_mean

    if name not in found:
        hint = did_you_mean(name, found)
        raise StackdocError([Problem(ENVIRONMENTS, 0, name, "unknown environment", hint)])
    return found[name]
