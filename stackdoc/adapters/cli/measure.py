"""`stackdoc measure`: run missing and stale examples, print a line for each and a summary."""

from __future__ import annotations

import re
import signal
import sys
from types import TracebackType
from typing import NoReturn

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from stackdoc.adapters.heartbeat import Heartbeat, announcement, conclusion, duration
from stackdoc.adapters.terminal import echo
from stackdoc.errors import printable
from stackdoc.project import Layout
from stackdoc.run.progress import Event, ExampleEnded, LaunchEnded, LaunchStarted, RunStarted

MINUTES = click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    metavar="N",
    help="Start nothing that would take longer than this in all. The next call goes on.",
)


def full_commit(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """Refuse a short name of a commit, which can't be resolved without its repository."""
    del ctx, param
    if value and not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", value):
        raise click.BadParameter(f"{value!r} is not the full name of a commit, as `git rev-parse HEAD` prints it")
    return value


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
@MINUTES
@click.option(
    "--commit",
    callback=full_commit,
    default="",
    metavar="SHA",
    help="The commit of this copy, where git can't tell. Importing the records proves it.",
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
    minutes: float | None,
    commit: str,
) -> None:
    """Measure examples on this machine.

    Measures those that match PATTERN (`kernels`, `kernels/*`), or all, and reuses fresh records. Examples are measured
    in groups of a few minutes, and each record is stored as soon as its example ends; a stopped run is resumed. The
    exit code is 1 if an outcome is neither ok nor skipped.
    """
    from stackdoc.adapters.registered import priorities
    from stackdoc.adapters.run_report import lines
    from stackdoc.plan.project import read_project
    from stackdoc.run.measuring import bring_up_to_date

    signal.signal(signal.SIGTERM, stop)
    project = read_project(layout)
    with ConsoleProgress(Console(file=sys.stdout, highlight=False, soft_wrap=True)) as progress:
        summary = bring_up_to_date(
            project,
            profile="full" if profile == "full" else "quick",
            patterns=patterns,
            devices=devices,
            again=again,
            environments=environments,
            progress=progress,
            start_method="fresh" if launch == "fresh" else "forked",
            minutes=minutes,
            priorities=priorities(project),
            commit=commit,
        )
    for line in lines(summary, layout):
        echo(line)
    click.get_current_context().exit(1 if summary.failures else 0)


def stop(number: int, frame: object) -> NoReturn:
    """Handle a signal as Ctrl-C, so that the running launch is ended too."""
    del frame
    raise SystemExit(128 + number)


class ConsoleProgress:
    """Progress on a console: a line when an example ends and, on a terminal, a bar that counts launches.

    Without a terminal there is a line at least every ten seconds.
    """

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
        self.heartbeat = Heartbeat(self._print)
        self.wanted: dict[tuple[str, str], int] = {}

    def __enter__(self) -> ConsoleProgress:
        self.bar.start()
        if not self.console.is_terminal:
            self.heartbeat.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.heartbeat.stop()
        self.bar.stop()

    def event(self, event: Event) -> None:
        self.heartbeat.event(event)
        if isinstance(event, RunStarted):
            self.bar.update(self.task, total=event.launches)
            self._print(announcement(event))
        elif isinstance(event, LaunchStarted):
            self.bar.update(self.task, description=printable(f"{event.example} on {event.device}"))
        elif isinstance(event, LaunchEnded):
            self._launch(event)
        elif isinstance(event, ExampleEnded):
            self._example(event)
        elif text := conclusion(event):
            self._print(text)

    def _print(self, text: str) -> None:
        self.console.print(text, markup=False)

    def _launch(self, event: LaunchEnded) -> None:
        """Advance the bar; its total grows when a sequential rule adds launches."""
        key = (event.example, event.device)
        added = event.wanted - self.wanted.get(key, event.wanted)
        self.wanted[key] = event.wanted
        total = (self.bar.tasks[0].total or 0) + added
        self.bar.update(self.task, advance=1, total=total)

    def _example(self, event: ExampleEnded) -> None:
        from stackdoc.adapters.run_report import tail

        remaining = ""
        if event.remaining_examples:
            remaining = f", {event.remaining_examples} left, about {duration(event.remaining_seconds)}"
        launches = f"{event.launches} launch{'es' * (event.launches != 1)}"
        text = f"{event.example} on {event.device}: {event.outcome}, {launches} in {duration(event.seconds)}{remaining}"
        for line in (printable(text), *tail(event)):
            self._print(line)
