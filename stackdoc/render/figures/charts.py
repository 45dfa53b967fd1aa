"""Charts stored in records: Vega-Lite specifications by the author of the example, drawn in a limited process."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterable, Iterator
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
MOST_TICKS = 1000
MOST_ROWS = 20_000
UNREAD = {"data", "datasets", "usermeta"}  # whose fields may have any name
MARKS = {"arc", "area", "bar", "boxplot", "circle", "errorband", "errorbar", "geoshape", "line", "point", "rect"} | {
    *("rule", "square", "text", "tick", "trail")
}
TRANSFORMS = {"aggregate", "bin", "calculate", "density", "extent", "filter", "flatten", "fold", "impute", "loess"} | {
    *("joinaggregate", "lookup", "pivot", "quantile", "regression", "sample", "stack", "timeUnit", "window")
}


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
    """Return the parsed specification. Raises ValueError for what is not listed above, other files and sheer size."""
    if len(data) > LONGEST:
        raise ValueError(f"its specification is longer than {LONGEST} characters")
    spec = json.loads(data)
    if not isinstance(spec, dict) or _fetches(spec):
        raise ValueError("its data must be inside the specification")
    if fault := next(_faults(spec), ""):
        raise ValueError(fault)
    return spec


def _fetches(value: object) -> bool:
    if isinstance(value, dict):
        return "url" in value or any(_fetches(inner) for inner in value.values())
    return isinstance(value, list) and any(_fetches(inner) for inner in value)


def _faults(value: object, is_view: bool = True) -> Iterator[str]:
    """Yield what is wrong with a view and those within it; in its configuration `mark` is the look of all marks."""
    if isinstance(value, list):
        for inner in value:
            yield from _faults(inner, is_view)
    if not isinstance(value, dict):
        return
    if any(isinstance(size := value[name], int | float) and size > LARGEST for name in SIZES & value.keys()):
        yield f"it is larger than {LARGEST} pixels"
    if isinstance(value.get("tickCount"), int | float) and value["tickCount"] > MOST_TICKS:
        yield f"it has more than {MOST_TICKS} ticks"
    if is_view and "mark" in value and (mark := _mark(value["mark"])) not in MARKS:
        yield f"its mark {mark[:40]!r} is not one of {', '.join(sorted(MARKS))}"
    for step in value["transform"] if isinstance(value.get("transform"), list) else ():
        if not isinstance(step, dict) or not TRANSFORMS & step.keys():
            yield f"a transform is not one of {', '.join(sorted(TRANSFORMS))}"
    yield from _faults_of_data(value)
    for name, inner in value.items():
        if name not in UNREAD:
            yield from _faults(inner, is_view and name != "config")


def _mark(mark: object) -> str:
    return str(mark.get("type")) if isinstance(mark, dict) else str(mark)


def _faults_of_data(view: dict[str, object]) -> Iterator[str]:
    """Yield faults of the data of a view, which must be rows: no generator of any number of them."""
    tables = [view["data"]] if isinstance(view.get("data"), dict) else []
    if any(not isinstance(table, dict) or not table.keys() <= {"values", "name", "format"} for table in tables):
        yield "its data must be inside the specification"
    tables += [{"values": rows} for rows in _named(view.get("datasets"))]
    for table in tables:
        if isinstance(table, dict) and isinstance(rows := table.get("values"), list) and len(rows) > MOST_ROWS:
            yield f"it has {len(rows)} rows of data; at most {MOST_ROWS} are drawn"


def _named(datasets: object) -> Iterable[object]:
    return datasets.values() if isinstance(datasets, dict) else ()


def under_limits(text: str) -> str:
    """Return the SVG of a specification, drawn in its own process. Raises ValueError with the reason if it fails."""
    return drawn_by("vega", text).decode()


def drawn_by(module: str, text: str) -> bytes:
    """Return what a module beside this one makes of a text, as a program with limits. Raises ValueError as above."""
    with TemporaryDirectory(prefix="stackdoc-", ignore_cleanup_errors=True) as folder:
        source, target = Path(folder, "source"), Path(folder, "picture")
        source.write_text(text, "utf-8")
        command = (sys.executable, "-m", f"stackdoc.render.figures.{module}", str(source), str(target))
        environment = launch_environment(os.environ, Path(folder), Path(folder), threads=1)
        end = run_supervised(Task(command, folder, folder, environment, LIMITS))
        if problem := _problem(end):
            raise ValueError(problem)
        return target.read_bytes()


def _problem(end: TaskEnd) -> str:
    """Return why no picture was drawn, or an empty string."""
    if (end.exit_code or 0) > 0 and end.output.strip():
        return end.output.strip()
    fault = end.fault(LIMITS)
    return f"drawing it {fault}" if fault else ""
