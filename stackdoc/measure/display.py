"""A script executed cell by cell, untimed, for what each cell prints and shows."""

from __future__ import annotations

import ast
import codeop
import io
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from types import CodeType
from typing import Any

from stackdoc.measure.outputs import says_nothing, to_output
from stackdoc.model.example import Cell
from stackdoc.model.record import Output

KEPT = 1 << 20  # characters of what a cell prints


class Printed(io.StringIO):
    """What a cell prints, as far as it may be shown; what is more goes where this process prints, whose cap ends it."""

    def __init__(self) -> None:
        super().__init__()
        self._beyond = sys.stdout

    def write(self, text: str) -> int:
        return super().write(text) if self.tell() <= KEPT else self._beyond.write(text)


def run_cells(
    cells: Sequence[Cell], path: str, namespace: dict[str, Any], enter: Callable[[int], None]
) -> tuple[Output, ...]:
    """Executes the code cells in one namespace; `enter` is told the number of each before it runs.

    A cell's outputs are what it printed, then the value of its last expression unless that is None; what says nothing
    is left out. Of a cell that fails, what it printed is printed. An exit that tells of no failure is the end.
    """
    outputs: list[Output] = []
    compiled = codeop.Compile()  # what a cell imports from `__future__` is in force for the later ones
    for number, cell in enumerate(cells):
        if cell.kind != "code" or not cell.source.strip():
            continue
        enter(number)
        printed, value, over = Printed(), None, False
        try:
            with redirect_stdout(printed):
                value = _execute(cell, path, namespace, compiled)
        except BaseException as error:
            over = isinstance(error, SystemExit) and not error.code
            if not over:
                print(printed.getvalue(), end="")
                raise
        if printed.getvalue():
            outputs.append(to_output(number, printed.getvalue()))
        if value is not None:
            outputs.append(to_output(number, value))
        if over:
            break
    return tuple(output for output in outputs if not says_nothing(output))


def _execute(cell: Cell, path: str, namespace: dict[str, Any], compiled: Callable[..., CodeType]) -> Any:
    """Runs the statements and returns the value of a last expression; line numbers are those of the file."""
    tree = ast.parse(cell.source, path)
    ast.increment_lineno(tree, cell.line - 1)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compiled(tree, path, "exec"), namespace)
    if not isinstance(last, ast.Expr):
        return None
    return eval(compiled(ast.Expression(last.value), path, "eval"), namespace)
