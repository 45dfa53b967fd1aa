"""`stackdoc measure`: run missing and stale examples, print a line for each and a summary."""

from __future__ import annotations

import signal
import sys
from types import TracebackType
from typing import NoReturn

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from stackdoc.adapters.terminal import echo
from stackdoc.errors import printable
from stackdoc.project import Layout
from stackdoc.run.progress import Event, ExampleEnded, LaunchEnded, RunStarted


@click.command()
@click.argument("patterns", nargs=-1, metavar="[PATTERN]...")
@click.option(
    "--profile",
    type=click.Choice(["quick", "full"]),
    default="quick",
    show_default=True,
    help="quick measures fewer points than full.",
)
@click.option("--device", "devices", multiple=True, help="Only this device. May be repeated.")
@click.option(
    "--environment",
    "environments",
    multiple=True,
    metavar="NAME",
    help="Only examples of this environment. May be repeated.",
)
@click.option("--again", is_flag=True, help="Also measure what is fresh.")
@click.option(
    "--launch",
    type=click.Choice(["forked", "fresh"]),
    default="forked",
    show_default=True,
    help="Start launches as forks of one warm process per round, if the system allows it, or as fresh processes.",
)
@click.pass_obj
def command(
    layout: Layout,
    patterns: tuple[str, ...],
    profile: str,
    devices: tuple[str, ...],
    environments: tuple[str, ...],
    again: bool,
    launch: str,
) -> None:
    """Measure examples on this machine.

    Measures those that match PATTERN (`kernels`, `kernels/*`), or all, and reuses fresh records. Each example's
    record is stored as soon as the example ends; a stopped run is resumed. The exit code is 1 if an outcome is
    neither ok nor skipped.
    """
    from stackdoc.adapters.run_report import lines
    from stackdoc.plan.project import read_project
    from stackdoc.run.measuring import bring_up_to_date

    signal.signal(signal.SIGTERM, stop)
    with ConsoleProgress(Console(file=sys.stdout, highlight=False, soft_wrap=True)) as progress:
        summary = bring_up_to_date(
            read_project(layout),
            profile="full" if profile == "full" else "quick",
            patterns=patterns,
            devices=devices,
            again=again,
            environments=environments,
            progress=progress,
            start_method="fresh" if launch == "fresh" else "forked",
        )
    for line in lines(summary, layout):
        echo(line)
    click.get_current_context().exit(1 if summary.failures else 0)


def stop(number: int, frame: object) -> NoReturn:
    """Handle a signal as Ctrl-C, so that the running launch is ended too."""
    del frame
    raise SystemExit(128 + number)


class ConsoleProgress:
    """Progress on a console: a line when an example ends and, on a terminal, a bar that counts launches."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.bar = Bar(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("launches"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self.task = self.bar.add_task("", total=None)
        self.wanted: dict[tuple[str, str], int] = {}

    def __enter__(self) -> ConsoleProgress:
        self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bar.stop()

    def event(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self.bar.update(self.task, total=event.launches)
            self.console.print(f"{event.examples} to measure, at least {event.launches} launches")
        elif isinstance(event, LaunchEnded):
            self._launch(event)
        else:
            self._example(event)

    def _launch(self, event: LaunchEnded) -> None:
        """Advance the bar; its total grows when a sequential rule adds launches."""
        key = (event.example, event.device)
        added = event.wanted - self.wanted.get(key, event.wanted)
        self.wanted[key] = event.wanted
        total = (self.bar.tasks[0].total or 0) + added
        self.bar.update(self.task, advance=1, total=total, description=printable(f"{event.example} on {event.device}"))

    def _example(self, event: ExampleEnded) -> None:
        from stackdoc.adapters.run_report import tail

        remaining = ""
        if event.remaining_examples:
            remaining = f", {event.remaining_examples} left, about {_duration(event.remaining_seconds)}"
        launches = f"{event.launches} launch{'es' * (event.launches != 1)}"
        text = (
            f"{event.example} on {event.device}: {event.outcome}, {launches} in {_duration(event.seconds)}{remaining}"
        )
        self.console.print(printable(text), markup=False)
        for line in tail(event):
            self.console.print(line, markup=False)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s" if seconds < 10 else f"{rest} s"
