"""A script executed cell by cell, untimed, for what each cell prints and shows."""

from __future__ import annotations

import ast
import asyncio
import codeop
import inspect
import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from types import CodeType
from typing import Any

from stackdoc.measure import figures
from stackdoc.measure.figures import Figures, is_figure, is_part
from stackdoc.measure.outputs import STDERR, Board
from stackdoc.measure.streams import Streams
from stackdoc.model.example import Cell

KEPT = 1 << 20  # bytes of what a cell prints; as much ends the launch


class Namespace:
    """The main module of a script in cells. What a cell imports from `__future__` is in force for the later ones."""

    def __init__(self, path: str, names: dict[str, Any]) -> None:
        self.path = path
        self.names = names
        self._compiled = codeop.Compile()
        self._compiled.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        self._runner: asyncio.Runner | None = None

    def execute(self, cell: Cell) -> Any:
        """Run the statements and return the value of a last expression; line numbers are those of the file."""
        tree = ast.parse(cell.source, self.path)
        ast.increment_lineno(tree, cell.line - 1)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        self._run(self._compiled(tree, self.path, "exec"))  # type: ignore[arg-type]
        if not isinstance(last, ast.Expr):
            return None
        return self._run(self._compiled(ast.Expression(last.value), self.path, "eval"))  # type: ignore[arg-type]

    def _run(self, code: CodeType) -> Any:
        value = eval(code, self.names)
        if not code.co_flags & inspect.CO_COROUTINE:
            return value
        self._runner = self._runner or asyncio.Runner()  # one loop for all cells: what one begins the next may await
        return self._runner.run(value)

    def close(self) -> None:
        if self._runner:
            self._runner.close()


def run_cells(
    cells: Sequence[Cell], path: str, names: dict[str, Any], board: Board, folder: Path | None = None
) -> None:
    """Execute the code cells in one namespace, and put on the board what each prints and shows.

    The outputs of a cell are what it printed and showed, in that order, the value of its last expression unless it is
    None or a part of a figure, the figures that it left open, and what it wrote to standard error. Of a cell that
    fails, what it printed is printed. An exit that tells of no failure is the end. `folder` is where files may be kept.
    """
    streams, space = Streams(folder), Namespace(path, names)
    drawn = Figures(board.put)
    os.environ["MPLBACKEND"] = figures.BACKEND
    token = figures.current.set(drawn)
    board.names, failed = names, ("", "")
    try:
        with warnings.catch_warnings(), streams.kept():
            warnings.filterwarnings("ignore", "FigureCanvas.* is non-interactive")
            reader = _Reader(board, streams)
            board.before = reader.take
            for number, cell in enumerate(cells):
                if cell.kind != "code" or not cell.source.strip():
                    continue
                board.cell = number
                try:
                    over = _cell(cell, space, board, drawn)
                except BaseException:
                    failed = reader.printed_by(number)
                    raise
                reader.end()
                if over:
                    break
    finally:
        board.before = lambda: None
        figures.current.reset(token)
        space.close()
        for text in filter(None, failed):
            print(text, end="")


class _Reader:
    """Puts on the board what was printed, and at the end of a cell what was written to standard error."""

    def __init__(self, board: Board, streams: Streams) -> None:
        self._board = board
        self._streams = streams
        self._errors = ""

    def take(self) -> None:
        printed, errors = self._streams.take(KEPT + 1)
        self._errors += errors
        if printed:
            self._board.text(printed)

    def end(self) -> None:
        self.take()
        if self._errors:
            self._board.text(self._errors, STDERR)
        self._errors = ""

    def printed_by(self, cell: int) -> tuple[str, str]:
        """What the cell has printed until now."""
        self.take()
        texts = [one.data for one in self._board.outputs if one.cell == cell and one.mime == "text/plain"]
        return "".join(texts), self._errors


def _cell(cell: Cell, space: Namespace, board: Board, drawn: Figures) -> bool:
    """Run the cell; whether it ended the script."""
    try:
        value = space.execute(cell)
    except SystemExit as end:
        if end.code:
            raise
        drawn.take()
        return True
    if is_figure(value):
        board.put(value)
        drawn.mark(value)
    elif value is not None and not is_part(value) and not cell.source.rstrip().endswith(";"):
        board.put(value)
    drawn.take()
    return False


def run_untold(cells: Sequence[Cell], path: str, names: dict[str, Any]) -> None:
    """Execute the code cells without keeping what they show, as a script."""
    space = Namespace(path, names)
    try:
        for cell in cells:
            if cell.kind == "code":
                space.execute(cell)
    finally:
        space.close()
