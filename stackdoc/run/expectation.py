"""Holds a launch to what its example is expected to come to."""

from __future__ import annotations

import dataclasses
import difflib
import re

from stackdoc.measure.wire import LaunchResult
from stackdoc.model.example import Expectation
from stackdoc.model.record import Output
from stackdoc.run.outcome import Outcome
from stackdoc.run.process.runner import LaunchEnd

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
SHOWN = 120  # characters of a text in a reason
COMPARED = 500  # last lines of the output


def judged(end: LaunchEnd, expected: Expectation | None) -> LaunchEnd:
    """The end of an untimed launch: ok when it came to what was expected, a failure of this launch included.

    A failure that was expected leaves its last line as the one output; whatever a limit ended stays as it is.
    """
    if expected is None or end.outcome.name not in ("ok", "failed", "out-of-memory"):
        return end
    if expected.must_fail:
        fault = _other_failure(end.outcome, expected)
    elif not end.outcome.ok:
        return end
    else:
        fault = ""
    fault = fault or _other_output(_printed(end), expected)
    if fault:
        outcome = dataclasses.replace(end.outcome, name="failed", reason=fault)
        return dataclasses.replace(end, outcome=outcome, result=None)
    if not expected.must_fail:
        return end
    shown = Output(1, "text/plain", f"{end.outcome.reason}\n", "how it fails, as expected")
    return dataclasses.replace(end, outcome=Outcome("ok"), result=LaunchResult(0, outputs=(shown,)))


def _other_failure(outcome: Outcome, expected: Expectation) -> str:
    """How the failure differs from the one expected, or nothing."""
    wanted = expected.fails or f"exit code {expected.exit_code}"
    if outcome.ok:
        return f"expected {wanted}, found no failure"
    kind, _, message = outcome.reason.partition(": ")
    if kind != wanted:
        return f"expected {wanted}, found {_cut(outcome.reason)}"
    if expected.message and not re.search(expected.message, message):
        return f"expected a message like {_cut(expected.message)!r}, found {_cut(message)!r}"
    return ""


def _other_output(printed: str, expected: Expectation) -> str:
    """How what was printed differs from what was expected, or nothing."""
    if expected.never_prints and (found := re.search(expected.never_prints, printed)):
        return f"printed {_cut(found[0])!r}, which it never should"
    if not expected.prints or prints(printed, expected.prints, expected.tolerance):
        return ""
    lines = printed.splitlines()[-COMPARED:]
    near = difflib.get_close_matches(expected.prints, [line[:SHOWN] for line in lines], n=1, cutoff=0.3)
    within = f" within {expected.tolerance:g}" if expected.tolerance else ""
    found_instead = f"nearest is {near[0]!r}" if near else "nothing like it was printed"
    return f"expected to print {_cut(expected.prints)!r}{within}, {found_instead}"


def prints(printed: str, wanted: str, tolerance: float) -> bool:
    """Whether `wanted` is in what was printed, spaces as they come, each number within the relative tolerance."""
    numbers = [float(text) for text in NUMBER.findall(wanted)]
    words = [r"\s+".join(map(re.escape, re.split(r"\s+", text))) for text in NUMBER.split(wanted)]
    pattern = f"({NUMBER.pattern})".join(words)
    for match in re.finditer(pattern, printed):
        pairs = zip(map(float, match.groups()), numbers, strict=True)
        if all(abs(found - number) <= tolerance * abs(number) for found, number in pairs):
            return True
    return False


def _printed(end: LaunchEnd) -> str:
    shown = [output.data for output in end.result.outputs if output.mime == "text/plain"] if end.result else []
    return "".join([*shown, end.outcome.tail])


def _cut(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= SHOWN else f"{one_line[:SHOWN]}…"
