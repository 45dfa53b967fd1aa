"""`stackdoc measure`: run missing and stale examples, print a line for each and a summary."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn

import click
from click.core import ParameterSource
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from stackdoc.adapters.cli_options import MINUTES, selecting
from stackdoc.adapters.heartbeat import Heartbeat, announcement, conclusion, ending
from stackdoc.adapters.terminal import echo
from stackdoc.errors import printable
from stackdoc.project import Layout
from stackdoc.run.progress import Event, ExampleEnded, LaunchEnded, LaunchStarted, RunStarted

if TYPE_CHECKING:
    from stackdoc.model.record import Record
    from stackdoc.plan.project import Project
    from stackdoc.run.result import RunSummary


def full_commit(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """Refuse a short name of a commit, which can't be resolved without its repository."""
    del ctx, param
    if value and not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", value):
        raise click.BadParameter(f"{value!r} is not the full name of a commit, as `git rev-parse HEAD` prints it")
    return value


@click.command()
@selecting
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
@click.option(
    "--like",
    default="",
    metavar="RECORD",
    help="Run the example of this record again, with its source, profile and device. An id, a link or a file.",
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
    like: str,
) -> None:
    """Measure examples on this machine.

    Measures those that match PATTERN (`kernels`, `kernels/*`), or all, and reuses fresh records. Examples are measured
    in groups of a few minutes, and each record is stored as soon as its example ends; a stopped run is resumed.

    With --like, measures the example of a record again, from the files of its commit if they have changed since, and
    prints both side by side. The new record names the one that it repeats.

    The exit code is 1 if an outcome is neither ok nor skipped, or if --like made no record.
    """
    from stackdoc.adapters.registered import priorities
    from stackdoc.plan.project import read_project
    from stackdoc.run.measuring import bring_up_to_date

    signal.signal(signal.SIGTERM, stop)
    if like:
        refuse_selection(click.get_current_context())
        click.get_current_context().exit(0 if measure_like(layout, like, minutes, commit) else 1)
    project = read_project(layout, summarised=True)
    with ConsoleProgress() as progress:
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
    report(summary, layout)
    click.get_current_context().exit(1 if summary.failures else 0)


def refuse_selection(context: click.Context) -> None:
    """Refuse options that `--like` sets by itself. Raises UsageError."""
    names = ("patterns", "profile", "devices", "environments", "again", "launch")
    given = [name for name in names if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    if given:
        raise click.UsageError(f"--like takes {', '.join(given)} from the record")


def measure_like(layout: Layout, reference: str, minutes: float | None, commit: str) -> bool:
    """Run the example of a record again and print both records side by side; return whether a new one was made."""
    from stackdoc.plan.project import read_project
    from stackdoc.run.repetition import repeat
    from stackdoc.verification.reference import referenced_record

    project = read_project(layout)
    record = referenced_record(reference, project.records)
    with ConsoleProgress() as progress:
        summary = repeat(project, record, progress=progress, minutes=minutes, commit=commit)
    report(summary, layout)
    new = next((result.record for result in summary.results if result.record), None)
    if new is None:
        return False
    for line in side_by_side(project, record, new):
        echo(line)
    return True


def side_by_side(project: Project, record: Record, new: Record) -> Iterator[str]:
    """Yield the ratio of each figure of the new record to that of the one that it repeats, and where it is from."""
    from stackdoc.adapters.cli import compare
    from stackdoc.machine.identity import alike
    from stackdoc.statistics.between import RunHistory

    foreign = {*project.withdrawn, *project.contributed}
    history = RunHistory(known for id, known in sorted(project.records.items()) if id not in foreign)
    same_source = replace(record.in_full(), digest=new.digest)  # the digests of early records are of another kind
    yield from compare.lines(f"record {record.id}", "this run", [(same_source, new)], project.withdrawn, history)
    machines = f"{new.machine.id}; that record is of {record.machine.id}"
    kind = "the same class of machine" if alike(record.machine, new.machine) else f"another machine, {machines}"
    yield f"record {new.id} is stored and names record {record.id} as the one that it repeats; measured on {kind}"


def report(summary: RunSummary, layout: Layout) -> None:
    from stackdoc.adapters.run_report import lines

    for line in lines(summary, layout):
        echo(line)


def stop(number: int, frame: object) -> NoReturn:
    """Handle a signal as Ctrl-C, so that the running launch is ended too."""
    del frame
    raise SystemExit(128 + number)


class ConsoleProgress:
    """Progress on a console: a line when an example ends and, on a terminal, a bar that counts launches.

    Without a bar there is a line at least every ten seconds. `stage` returns what is done while nothing is measured.
    """

    def __init__(self, console: Console | None = None, stage: Callable[[], str] = lambda: "") -> None:
        console = console or Console(file=sys.stdout, highlight=False, soft_wrap=True)
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
        self.heartbeat = Heartbeat(self._print, stage=stage, has_bar=console.is_terminal)
        self.wanted: dict[tuple[str, str], int] = {}

    def __enter__(self) -> ConsoleProgress:
        self.bar.start()
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

        for line in (ending(event), *tail(event)):
            self._print(line)
