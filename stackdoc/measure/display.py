"""A script executed cell by cell, untimed, for what each cell prints and shows."""

from __future__ import annotations

import ast
import io
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from typing import Any

from stackdoc.example import Cell
from stackdoc.measure.outputs import to_output
from stackdoc.record import Output


def run_cells(
    cells: Sequence[Cell], path: str, namespace: dict[str, Any], enter: Callable[[int], None]
) -> tuple[Output, ...]:
    """Executes the code cells in one namespace; `enter` is told the number of each before it runs.

    A cell's outputs are what it printed, then the value of its last expression unless that is None.
    """
    outputs: list[Output] = []
    for number, cell in enumerate(cells):
        if cell.kind != "code" or not cell.source.strip():
            continue
        enter(number)
        printed = io.StringIO()
        with redirect_stdout(printed):
            value = _execute(cell, path, namespace)
        if printed.getvalue():
            outputs.append(Output(number, "text/plain", printed.getvalue()))
        if value is not None:
            outputs.append(to_output(number, value))
    return tuple(outputs)


def _execute(cell: Cell, path: str, namespace: dict[str, Any]) -> Any:
    """Runs the statements and returns the value of a last expression; line numbers are those of the file."""
    tree = ast.parse(cell.source, path)
    ast.increment_lineno(tree, cell.line - 1)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, path, "exec"), namespace)
    if not isinstance(last, ast.Expr):
        return None
    return eval(compile(ast.Expression(last.value), path, "eval"), namespace)
