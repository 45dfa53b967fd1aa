"""Reports on a run: a log line when an example ends, and a summary."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from types import TracebackType

from stackdoc.adapters.heartbeat import Heartbeat, announcement, conclusion, ending
from stackdoc.errors import printable
from stackdoc.project import Layout
from stackdoc.run.progress import Event, ExampleEnded, RunEnded, RunStarted
from stackdoc.run.result import ExampleResult, RunSummary

TAIL_LINES = 12


class LogProgress:
    """Progress as log lines, for a host with a log instead of a console: at least one every ten seconds."""

    def __init__(self, log: logging.Logger) -> None:
        self.log = log
        self.heartbeat = Heartbeat(lambda line: log.info("%s", line))

    def __enter__(self) -> LogProgress:
        self.heartbeat.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.heartbeat.stop()

    def event(self, event: Event) -> None:
        self.heartbeat.event(event)
        if isinstance(event, RunStarted) and event.examples:
            self.log.info("%s", announcement(event))
        elif isinstance(event, RunEnded) and event.left_out:
            self.log.info("%s", conclusion(event))
        elif isinstance(event, ExampleEnded):
            self.log.info("%s", ending(event))


def failure(result: ExampleResult, layout: Layout) -> str:
    """Return one line: the example, its outcome, the line of its source, and the pages that show it."""
    scripts = [f"{layout.examples}/{result.example}{suffix}" for suffix in (".py", ".ipynb")]
    script = next((path for path in scripts if (layout / path).is_file()), scripts[0])
    source = script + (f":{result.outcome.line}" if result.outcome.line else "")
    pages = ", ".join([*pages_with(layout / layout.docs, result.example), f"{layout.prefix}examples/{result.example}/"])
    return printable(f"{result.example} on {result.device}: {result.outcome}; source {source}; shown on {pages}")


def tail(result: ExampleResult | ExampleEnded) -> list[str]:
    """Return the last lines that a failed example printed."""
    outcome = result.outcome
    last_lines = outcome.tail.rstrip().splitlines()[-TAIL_LINES:] if outcome.counts_as_failure else []
    return [printable(f"  | {line}") for line in last_lines]


def pages_with(docs: Path, example: str) -> list[str]:
    """Return the hand-written pages that mention the example, as paths from the project's root."""
    name = re.compile(rf"(?<![\w/-]){re.escape(example)}(?![\w/-])")
    paths = [path for path in sorted(docs.rglob("*.md")) if name.search(path.read_text("utf-8", "replace"))]
    return [path.relative_to(docs.parent).as_posix() for path in paths]


def lines(summary: RunSummary, layout: Layout) -> list[str]:
    """Return what was measured, reused, skipped or failed, and why."""
    measured = [result for result in summary.results if result.outcome.ok]
    reused = [decision for decision in summary.decisions if decision.action == "reuse"]
    skipped = [decision for decision in summary.decisions if decision.action == "skip"]
    report = [f"measured {len(measured)}, reused {len(reused)}, skipped {len(skipped)}, failed {len(summary.failures)}"]
    reasons = {(decision.example, decision.device): decision.reason for decision in summary.decisions}
    for result in measured:
        reason = reasons[result.example, result.device]
        report.append(f"  measured  {result.example} on {result.device} in {result.seconds:.0f} s: {reason}")
    report += [
        f"  skipped   {decision.example} on {decision.device}: {decision.reason.removeprefix('skipped: ')}"
        for decision in skipped
    ]
    report += [f"  failed    {failure(result, layout)}" for result in summary.failures]
    report += [f"  {problem}" for problem in summary.problems]
    return [printable(line) for line in report]
