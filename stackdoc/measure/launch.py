"""Run the script of one launch, and return what it measured and showed."""

from __future__ import annotations

import os
import runpy
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType

from stackdoc.measure.checks import Refused
from stackdoc.measure.display import run_cells, run_untold
from stackdoc.measure.example_run import ExampleRun, current_run
from stackdoc.measure.reads import Reads
from stackdoc.measure.wire import LaunchOrder, LaunchResult
from stackdoc.model.example import Cell

COPIED_BYTES = 128 << 20  # of a folder; a file beyond that, or one of more than a tenth of it, is a link
APART = {"__pycache__", "environments", "node_modules"}


def run_script(order: LaunchOrder, reads: Reads | None = None) -> LaunchResult:
    """Execute the script as the main module, with its own directory first among the places of imports.

    With `reads`, which notes what it loads, it starts in a copy of that directory. A refusal is a result without
    points; an exit that tells of no failure is the script's end; whatever else it raises passes through.
    """
    run = ExampleRun(order)
    token = current_run.set(run)
    reads = reads if order.root else None
    try:
        with _as_main(order.path), _in_copy(Path(order.path).parent, reads):
            if order.kind == "display":
                _display(run, order, reads)
            else:
                _execute(order)
            return run.result()
    except Refused as refused:
        return LaunchResult(order.index, refusals=(str(refused),))
    finally:
        current_run.reset(token)


def _display(run: ExampleRun, order: LaunchOrder, reads: Reads | None) -> None:
    cells = order.cells or (Cell("code", Path(order.path).read_text(encoding="utf-8"), 1),)
    folder = Path(order.report).parent if order.report else None
    with _noticed(reads):
        run_cells(cells, order.path, _main_module(order.path), run.board, folder)


def _execute(order: LaunchOrder) -> None:
    """As Python runs a script; in cells what it would not accept as one: a notebook, or an `await` at the top."""
    if order.cells and not _is_script(order.path):
        run_untold(order.cells, order.path, _main_module(order.path))
        return
    try:
        runpy.run_path(order.path, run_name="__main__")
    except SystemExit as end:
        if end.code:
            raise


def _is_script(path: str) -> bool:
    try:
        compile(Path(path).read_bytes(), path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return path.endswith(".py")


def _main_module(path: str) -> dict[str, object]:
    """The names of a new main module."""
    module = ModuleType("__main__")
    module.__file__ = path
    sys.modules["__main__"] = module
    return module.__dict__


@contextmanager
def _noticed(reads: Reads | None) -> Iterator[None]:
    if reads is None:
        yield
    else:
        with reads.heard():
            yield


@contextmanager
def _in_copy(folder: Path, reads: Reads | None) -> Iterator[None]:
    """A copy of the folder as the working directory, where the script finds its files and may write."""
    if reads is None:
        yield
        return
    before, copy = Path.cwd(), Path.cwd() / folder.name
    copy_folder(folder, copy)
    reads.copies[copy] = folder
    os.chdir(copy)
    try:
        yield
    finally:
        os.chdir(before)


def copy_folder(folder: Path, copy: Path) -> None:
    """Copy the files below the folder, without hidden ones; large ones and links are links to the original."""
    left = COPIED_BYTES
    for place, folders, files in os.walk(folder):
        target = copy / Path(place).relative_to(folder)
        target.mkdir(parents=True, exist_ok=True)
        linked = [name for name in folders if Path(place, name).is_symlink()]
        folders[:] = [name for name in folders if name not in APART and name not in linked and name[0] != "."]
        for name in (*files, *linked):
            source = Path(place, name)
            with suppress(OSError):  # of what can't be read a script finds nothing either
                size = source.stat().st_size
                if source.is_symlink() or size > min(left, COPIED_BYTES // 10):
                    (target / name).symlink_to(source.resolve())
                elif source.is_file() and name[0] != ".":
                    shutil.copyfile(source, target / name)
                    left -= size


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
