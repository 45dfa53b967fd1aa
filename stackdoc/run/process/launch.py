"""The main program of a launch: `python -m stackdoc.run.process.launch ORDER.json` runs a script and writes a report.

The report is JSON: `{"result": …, "caveats": […], "loaded": […]}`, or the same with
`"failure": {"outcome", "reason", "line"}` in place of the result. It is written atomically; a process that ends without
one has no result.
"""

from __future__ import annotations

import json
import signal
import sys
import traceback
from pathlib import Path

from stackdoc.measure.controls import run_controls
from stackdoc.measure.launch import run_script
from stackdoc.measure.reads import Reads
from stackdoc.measure.wire import LaunchOrder, LaunchResult
from stackdoc.run.process.confinement import confine, die_with_parent


def main(order_file: str) -> int:
    """Return the exit code: 0 with a result, else the script's own, or 1."""
    order = LaunchOrder.from_json(json.loads(Path(order_file).read_text(encoding="utf-8")))
    caveats = confine(order.network)
    die_with_parent(signal.SIGKILL)
    reads = Reads(order.root, order.sources)
    try:
        result = run_controls(order) if order.kind == "control" else run_script(order, reads)
    except BaseException as error:
        _print_traceback(error, order.path)
        failure = _failure(error, order.path)
        _write_report(order.report, {"failure": failure, "caveats": caveats, "loaded": _loaded(order, reads)})
        return error.code if isinstance(error, SystemExit) and isinstance(error.code, int) else 1
    loaded = _loaded(order, reads)
    if changed := reads.changed() if loaded else ():
        reason = f"changed while it was measured: {', '.join(changed)}; the next run measures it again"
        result = LaunchResult(order.index, refusals=(reason,))
    _write_report(order.report, {"result": result.to_json(), "caveats": caveats, "loaded": loaded})
    return 0


def _loaded(order: LaunchOrder, reads: Reads) -> tuple[tuple[str, str], ...]:
    """Return the files of the project that the launch loaded; empty without a project."""
    return reads.digests() if order.root else ()


def _print_traceback(error: BaseException, script: str) -> None:
    """Print the traceback without our own frames above the script."""
    trace = traceback.TracebackException.from_exception(error)
    del trace.stack[: next((index for index, frame in enumerate(trace.stack) if frame.filename == script), 0)]
    print(*trace.format(), sep="", end="", file=sys.stderr)


def _failure(error: BaseException, script: str) -> dict[str, str | int]:
    """Return the outcome for an exception, its message in one line, and the script's line that it passed through."""
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
    """Whether it is Python's MemoryError or torch's OutOfMemoryError; does not import torch."""
    return isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"


def _write_report(path: str, content: dict[str, object]) -> None:
    temporary = Path(f"{path}.part")
    text = json.dumps(content, ensure_ascii=False)
    temporary.write_bytes(text.encode(errors="replace"))  # lone surrogates can't be encoded
    temporary.replace(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
