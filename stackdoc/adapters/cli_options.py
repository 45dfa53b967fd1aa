"""Options that several commands have in common."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

Function = TypeVar("Function", bound=Callable[..., object])

MINUTES = click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    metavar="N",
    help="Start nothing that would take longer than this in all. The next call goes on.",
)
PATTERNS = click.argument("patterns", nargs=-1, metavar="[PATTERN]...")
PROFILE = click.option(
    "--profile",
    type=click.Choice(["quick", "full"]),
    default="quick",
    show_default=True,
    help="quick measures fewer points than full.",
)
SIGN = click.option(
    "--sign",
    "key",
    type=click.Path(path_type=Path),
    metavar="KEY",
    help="Sign with this SSH key, by ssh-keygen: a private key, or a public one that the agent can use.",
)
DEVICES = click.option("--device", "devices", multiple=True, help="Only this device. May be repeated.")


def selecting(function: Function) -> Function:
    """Give a command the arguments `patterns`, `profile` and `devices`, which select what to measure."""
    return PATTERNS(PROFILE(DEVICES(function)))
