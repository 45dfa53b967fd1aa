"""One launch, from the inside: `python -m stackdoc.run.launch order.json` runs the script and leaves its result.

The result file holds `{"result": …, "caveats": […]}` or `{"failure": {"outcome", "reason", "line"}}`, and is written
whole or not at all; a process that ends without one had no result.
"""

from __future__ import annotations

import json
import signal
import sys
import traceback
from pathlib import Path

from stackdoc.measure.controls import run_controls
from stackdoc.measure.launch import run_script
from stackdoc.measure.wire import LaunchOrder
from stackdoc.run.process.confinement import confine, die_with_parent


def main(order_file: str) -> int:
    """Exit code 0 when there is a result, else 1, or the script's own."""
    order = LaunchOrder.from_json(json.loads(Path(order_file).read_text(encoding="utf-8")))
    caveats = confine(order.network)
    die_with_parent(signal.SIGKILL)
    try:
        result = run_controls(order) if order.kind == "control" else run_script(order)
    except BaseException as error:
        _tell(error, order.path)
        _leave(order.result, {"failure": _failure(error, order.path), "caveats": caveats})
        return error.code if isinstance(error, SystemExit) and isinstance(error.code, int) else 1
    _leave(order.result, {"result": result.to_json(), "caveats": caveats})
    return 0


def _tell(error: BaseException, script: str) -> None:
    """Prints the traceback from the script on: how we came there helps nobody."""
    told = traceback.TracebackException.from_exception(error)
    del told.stack[: next((at for at, frame in enumerate(told.stack) if frame.filename == script), 0)]
    print(*told.format(), sep="", end="", file=sys.stderr)


def _failure(error: BaseException, script: str) -> dict[str, str | int]:
    """The outcome an exception stands for, its message in one line, and the script's line it passed through."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == script]
    message = (str(error).strip().splitlines() or [""])[0]
    if isinstance(error, SystemExit):
        reason = f"exit code {error.code}" if isinstance(error.code, int) else f"exit: {message}"
    else:
        reason = f"{type(error).__name__}: {message}" if message else type(error).__name__
    return {
        "outcome": "out-of-memory" if _is_out_of_memory(error) else "failed",
        "reason": reason[:400],
        "line": (lines[-1] or 0) if lines else 0,
    }


def _is_out_of_memory(error: BaseException) -> bool:
    """True for the interpreter's error and for torch's, which is not imported for the question."""
    return isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"


def _leave(path: str, content: dict[str, object]) -> None:
    temporary = Path(f"{path}.part")
    text = json.dumps(content, ensure_ascii=False)
    temporary.write_bytes(text.encode(errors="replace"))  # a lone surrogate has no place in JSON
    temporary.replace(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
