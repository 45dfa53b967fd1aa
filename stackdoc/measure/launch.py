"""Run the script of one launch, and return what it measured and showed."""

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
from stackdoc.measure.example_run import ExampleRun, current_run
from stackdoc.measure.reads import Reads
from stackdoc.measure.wire import LaunchOrder, LaunchResult
from stackdoc.model.example import Cell


def run_script(order: LaunchOrder) -> LaunchResult:
    """Execute the script as the main module, with its directory first on the import path.

    A refusal becomes a result without points. `SystemExit` with a code of zero or None is a normal end; all other
    exceptions propagate.
    """
    run = ExampleRun(order)
    token = current_run.set(run)
    try:
        with _as_main(order.path):
            if order.kind == "display":
                return _run_display(run, order)
            try:
                runpy.run_path(order.path, run_name="__main__")
            except SystemExit as error:
                if error.code:
                    raise
            return run.result()
    except Refused as refused:
        return LaunchResult(order.index, refusals=(str(refused),))
    finally:
        current_run.reset(token)


def _run_display(run: ExampleRun, order: LaunchOrder) -> LaunchResult:
    """Execute the cells in one shared main module. What a cell printed precedes what it showed."""
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
        raise Refused(f"reads {', '.join(others[:5])}, which its record would not cover; list it in data")
    result = run.result()
    return replace(result, outputs=tuple(sorted((*printed, *result.outputs), key=lambda output: output.cell)))


@contextmanager
def _as_main(path: str) -> Iterator[None]:
    """Set `sys.argv` and `sys.path` as for a script; restore them and the main module afterwards."""
    before = sys.argv, list(sys.path), sys.modules["__main__"]
    sys.argv = [path]
    sys.path.insert(0, str(Path(path).parent))
    try:
        yield
    finally:
        sys.argv, sys.path[:], sys.modules["__main__"] = before
