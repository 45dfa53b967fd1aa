"""One launch: an order in, what was observed out."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from stackdoc.measure.checks import Refused
from stackdoc.measure.display import run_cells
from stackdoc.measure.example_run import ExampleRun, current
from stackdoc.measure.reads import Reads
from stackdoc.measure.wire import LaunchOrder, LaunchResult
from stackdoc.model.example import Cell


def run_script(order: LaunchOrder) -> LaunchResult:
    """Executes the script as the main module, with its own directory first among the places of imports.

    A refusal is a result without points; an exit that tells of no failure is the script's end; whatever else it raises
    passes through.
    """
    run = ExampleRun(order)
    token = current.set(run)
    try:
        with _as_main(order.path):
            if order.kind == "display":
                return _displayed(run, order)
            try:
                runpy.run_path(order.path, run_name="__main__")
            except SystemExit as end:
                if end.code:
                    raise
            return run.result()
    except Refused as refused:
        return LaunchResult(order.index, refusals=(str(refused),))
    finally:
        current.reset(token)


def _displayed(run: ExampleRun, order: LaunchOrder) -> LaunchResult:
    """Cells share one main module. What a cell printed comes before what it showed."""
    cells = order.cells or (Cell("code", Path(order.path).read_text(encoding="utf-8"), 1),)
    module = ModuleType("__main__")
    module.__file__ = order.path
    sys.modules["__main__"] = module

    def enter(number: int) -> None:
        run.cell = number

    reads = Reads(order.root, order.sources)
    with reads.heard() if order.sources else nullcontext():
        printed = run_cells(cells, order.path, module.__dict__, enter)
    if order.sources and (others := reads.undeclared):
        raise Refused(f"reads {', '.join(others[:5])}, of which its record would not know; name it in data")
    result = run.result()
    return replace(result, outputs=tuple(sorted((*printed, *result.outputs), key=lambda output: output.cell)))


@contextmanager
def _as_main(path: str) -> Iterator[None]:
    """`sys.argv`, `sys.path` and the main module as a script finds them, put back afterwards."""
    before = sys.argv, list(sys.path), sys.modules["__main__"]
    sys.argv = [path]
    sys.path.insert(0, str(Path(path).parent))
    try:
        yield
    finally:
        sys.argv, sys.path[:], sys.modules["__main__"] = before
