"""Charts stored in records: Vega-Lite specifications by the author of the example, drawn in a limited process."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from markupsafe import Markup

from stackdoc.render.figures import svg
from stackdoc.render.html.element import line
from stackdoc.render.html.page import Assets
from stackdoc.run.process.limits import GIB, KIB, MIB, Limits
from stackdoc.run.process.task import Task, TaskEnd, run_supervised
from stackdoc.run.process.variables import launch_environment
from stackdoc.site.site import Site, cached

log = logging.getLogger(__name__)
# An ordinary chart takes half a second and 80 MiB. A limit on address space would stop V8, which maps 64 GiB.
LIMITS = Limits(
    seconds=15,
    silence_seconds=15,
    poll_seconds=0.1,
    output_bytes=256 * KIB,
    memory_bytes=1 * GIB,
    processes=8,
    file_bytes=4 * MIB,
)
LONGEST = 1 * MIB  # characters of a specification with its data
LARGEST = 4000  # pixels
SIZES = {"width", "height", "step", "continuousWidth", "continuousHeight", "discreteWidth", "discreteHeight"}
DATA = {"data", "datasets"}  # whose fields may have any name


@dataclass(frozen=True)
class Charts:
    """The charts of one record. If one can't be drawn, `assets` is not cacheable: the next build tries again."""

    site: Site
    record: str
    assets: Assets | None = None

    def drawn(self, data: str, alt: str = "") -> tuple[Markup, str]:
        """Return the specification as SVG, and its alternative text: the author's, if there is one.

        Each chart is tried once for a site. Raises ValueError, with one line, if it can't be drawn.
        """
        picture, words, problem = _attempt(self.site, self.record, data, alt)
        if problem and self.assets is not None:
            self.assets.cacheable = False
        if picture is None:
            raise ValueError(problem)
        return picture, words


@cached
def _attempt(site: Site, record: str, data: str, alt: str) -> tuple[Markup | None, str, str]:
    """Return the chart and its alternative text, or else the problem, which is also logged."""
    try:
        spec = checked(data)
        words = line(alt or spec.get("description") or "Chart of this cell")
        return svg.draw(site.root, spec, words, convert=under_limits), words, ""
    except (ValueError, RecursionError) as reason:
        problem = line(reason)[:200]
        log.warning("A chart of record %s can't be drawn: %s", record, problem)
        return None, "", problem


def checked(data: str) -> dict[str, object]:
    """Return the parsed specification. Raises ValueError if it refers to other files or is too large to draw."""
    if len(data) > LONGEST:
        raise ValueError(f"its specification is longer than {LONGEST} characters")
    spec = json.loads(data)
    if not isinstance(spec, dict) or _fetches(spec):
        raise ValueError("its data must be inside the specification")
    if _is_large(spec):
        raise ValueError(f"it is larger than {LARGEST} pixels")
    return spec


def _fetches(value: object) -> bool:
    if isinstance(value, dict):
        return "url" in value or any(_fetches(inner) for inner in value.values())
    return isinstance(value, list) and any(_fetches(inner) for inner in value)


def _is_large(value: object) -> bool:
    if isinstance(value, dict):
        sizes = (value[name] for name in SIZES & value.keys())
        return any(isinstance(size, int | float) and size > LARGEST for size in sizes) or any(
            _is_large(inner) for name, inner in value.items() if name not in DATA
        )
    return isinstance(value, list) and any(_is_large(inner) for inner in value)


def under_limits(text: str) -> str:
    """Return the SVG of a specification, drawn in its own process. Raises ValueError with the reason if it fails."""
    with TemporaryDirectory(prefix="stackdoc-", ignore_cleanup_errors=True) as folder:
        source, target = Path(folder, "chart.json"), Path(folder, "chart.svg")
        source.write_text(text, "utf-8")
        command = (sys.executable, "-m", "stackdoc.render.figures.vega", str(source), str(target))
        environment = launch_environment(os.environ, Path(folder), Path(folder), threads=1)
        end = run_supervised(Task(command, folder, folder, environment, LIMITS))
        if problem := _problem(end):
            raise ValueError(problem)
        return target.read_text("utf-8")


def _problem(end: TaskEnd) -> str:
    """Return why no picture was drawn, or an empty string."""
    if end.cause == "out-of-memory":
        return f"drawing it takes more than {LIMITS.memory_bytes / GIB:g} GiB"
    if end.cause in ("timeout", "silent"):
        return f"drawing it takes longer than {LIMITS.seconds:g} s"
    code = end.exit_code or 0
    if code < 0:
        return f"drawing it ended in {signal.Signals(-code).name}"
    if code or end.cause != "exit":
        return end.output.strip() or f"drawing it ended with exit code {code}"
    return ""
