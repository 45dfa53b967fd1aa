"""Measuring in a build: what is due, and what to report of it."""

from __future__ import annotations

import logging
import os
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Literal

from mkdocs.exceptions import Abort

from stackdoc.adapters.mkdocs.options import MODES, PluginOptions
from stackdoc.adapters.run_report import LogProgress, failure, tail
from stackdoc.examples.header import is_declared
from stackdoc.plan.project import Project
from stackdoc.run.progress import Progress
from stackdoc.run.result import RunSummary
from stackdoc.site.site import Site

log = logging.getLogger("mkdocs.plugins.stackdoc")


@dataclass(frozen=True)
class Measuring:
    """How a build measures. `mode` overrides STACKDOC_MEASURE, and that the option `measure`.

    `failed` has the digests of the examples that failed in earlier builds while serving: one is run again once edited.
    """

    options: PluginOptions
    mode: str
    minutes: float | None
    progress: Progress | None
    failed: dict[str, str]
    serving: bool
    stoppable: bool = False

    def bring_up_to_date(self, project: Project, site: Site) -> RunSummary | None:
        """Measure what is due; None if nothing may run."""
        mode = self.mode or os.environ.get("STACKDOC_MEASURE") or self.options.measure
        if mode not in MODES:
            raise Abort(f"STACKDOC_MEASURE: {mode!r} is unknown; known: {', '.join(MODES)}")
        due = [id for id, example in site.examples.items() if self.failed.get(id) != example.digest]
        if mode == "never" or not due:
            return None
        summary = self._measured(project, site, due if self.failed else [], again=mode == "always")
        if self.serving:
            self.failed.update({result.example: site.examples[result.example].digest for result in summary.failures})
        self._report(summary, site)
        return summary

    def _measured(self, project: Project, site: Site, patterns: list[str], again: bool) -> RunSummary:
        from stackdoc.run.measuring import bring_up_to_date  # a build that measures nothing does not wait for it

        profile: Literal["quick", "full"] = "full" if self.options.profile == "full" else "quick"
        with nullcontext(self.progress) if self.progress else LogProgress(log) as progress:
            return bring_up_to_date(
                project,
                profile=profile,
                patterns=patterns,
                again=again,
                progress=progress,
                minutes=self.minutes,
                priorities=site.subject.priorities(site),
                stoppable=self.stoppable,
            )

    def _report(self, summary: RunSummary, site: Site) -> None:
        for decision in summary.decisions:
            example = site.examples[decision.example]
            unrunnable = example.fault or example.requires_python or not is_declared(example.source)
            if decision.action == "skip" and unrunnable:
                log.info("%s %s", example.path, decision.reason)
        for result in summary.failures:
            printed = [] if self.progress else tail(result)
            log.warning("%s", "\n".join([failure(result, site.layout), *printed]))
