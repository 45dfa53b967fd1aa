"""Compare a display launch with the failure or the output that its example declares as expected."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Sequence

from stackdoc.measure.outputs import FAILS, STDERR, without_addresses
from stackdoc.measure.wire import LaunchResult
from stackdoc.model.example import Cell, Expectation
from stackdoc.model.record import Output
from stackdoc.run.outcome import Outcome
from stackdoc.run.process import patterns
from stackdoc.run.process.runner import LaunchEnd

MAX_CHARACTERS = 120  # of a text quoted in a reason
MAX_LINES = 500  # at the end of the output, searched for a near match


def check_expectation(end: LaunchEnd, expected: Expectation | None, cells: Sequence[Cell] = ()) -> LaunchEnd:
    """Return the end of a display launch, ok or failed according to the expectation.

    An expected failure becomes ok, with its message as the only output. A launch that was stopped by a limit is
    returned as it is.
    """
    if expected is None or end.outcome.name not in ("ok", "failed", "out-of-memory"):
        return end
    if not (end.outcome.ok or expected.must_fail):
        return end
    try:
        mismatch = _failure_mismatch(end.outcome, expected) if expected.must_fail else ""
        mismatch = mismatch or _output_mismatch(_printed(end), expected)
    except patterns.Unsearched as reason:
        mismatch = f"an expectation {reason}"
    if mismatch:
        outcome = dataclasses.replace(end.outcome, name="failed", reason=mismatch)
        return dataclasses.replace(end, outcome=outcome, result=None)
    if not expected.must_fail:
        return end
    cell = max((number for number, cell in enumerate(cells) if cell.line <= end.outcome.line), default=1)
    shown = Output(cell, "text/plain", without_addresses(f"{end.outcome.reason}\n"), FAILS)
    return dataclasses.replace(end, outcome=Outcome("ok"), result=LaunchResult(0, outputs=(shown,)))


def _failure_mismatch(outcome: Outcome, expected: Expectation) -> str:
    """Describe how the failure differs from the expected one; empty if it does not."""
    wanted = expected.fails or f"exit code {expected.exit_code}"
    if outcome.ok:
        return f"expected {wanted}, but it did not fail"
    kind, _, message = outcome.reason.partition(": ")
    if kind != wanted:
        return f"expected {wanted}, got {_shorten(outcome.reason)}"
    if expected.message and patterns.first_match(expected.message, message) is None:
        return f"expected a message like {_shorten(expected.message)!r}, got {_shorten(message)!r}"
    return ""


def _output_mismatch(printed: str, expected: Expectation) -> str:
    """Describe how the output differs from the expected one; empty if it does not."""
    if expected.never_prints and (match := patterns.first_match(expected.never_prints, printed)) is not None:
        return f"printed {_shorten(match)!r}, which it never should"
    if not expected.prints or patterns.contains(printed, expected.prints, expected.tolerance):
        return ""
    lines = printed.splitlines()[-MAX_LINES:]
    near = difflib.get_close_matches(expected.prints, [line[:MAX_CHARACTERS] for line in lines], n=1, cutoff=0.3)
    within = f" within {expected.tolerance:g}" if expected.tolerance else ""
    printed_instead = f"the nearest output is {near[0]!r}" if near else "but printed nothing similar"
    return f"expected to print {_shorten(expected.prints)!r}{within}, {printed_instead}"


def _printed(end: LaunchEnd) -> str:
    outputs = (
        [output.data for output in end.result.outputs if output.mime in ("text/plain", STDERR)] if end.result else []
    )
    return "".join([*outputs, end.outcome.tail])


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_CHARACTERS else f"{line[:MAX_CHARACTERS]}…"
