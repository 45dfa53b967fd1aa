"""What a fuzz target is, how one input is tried, and how random ones are made for a number of minutes.

An input is the bytes of a file, so that one that failed is kept as a file: `tests/fuzz/corpus/<target>/<name>`.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

from stackdoc.errors import Problem, StackdocError, printable

CORPUS = Path(__file__).with_name("corpus")
SECONDS = 5.0  # of processor time for one input, on a machine that is also busy with other tests
EXAMPLES = 25  # of one round, after which the time is looked at


@dataclass(frozen=True)
class Target:
    """Code that reads what strangers write.

    `inputs` have faults, and `good` ones have none. `read` gives an input to the code, in a directory of its own.
    It may raise StackdocError; anything else that it raises is a failure, and so is an input that takes longer than
    `seconds` of processor time.
    """

    name: str
    inputs: SearchStrategy[bytes]
    good: Callable[[], Iterable[bytes]]
    read: Callable[[bytes, Path], None]
    seconds: float = SECONDS

    def attempt(self, content: bytes) -> bool:
        """Return whether the input is accepted. Raise an exception unless it is, or is refused by name, in time."""
        with TemporaryDirectory(prefix="stackdoc-fuzz-") as folder, at_most(self.seconds):
            try:
                self.read(content, Path(folder))
            except StackdocError as error:
                refused_by_name(error.problems)
                return False
        return True


def refused_by_name(problems: Sequence[Problem]) -> None:
    """Raise AssertionError unless there are problems that name their file in one printable line of bearable length."""
    assert problems, "refused without a problem"
    for problem in problems:
        text = str(problem)
        assert problem.file, "a problem without a file"
        assert problem.message, "a problem without a message"
        assert text == printable(text)
        assert len(text) <= 2001, f"a problem of {len(text)} characters"


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise AssertionError if the block takes more processor time; interrupts Python code that does."""

    def stop(*_: object) -> None:
        raise AssertionError(f"takes longer than {seconds:g} s of processor time")

    before, began = signal.signal(signal.SIGPROF, stop), time.process_time()
    signal.setitimer(signal.ITIMER_PROF, 2 * seconds)  # twice, so that what ends by itself is reported as it ended
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    took = time.process_time() - began
    assert took <= seconds, f"takes {took:.1f} s of processor time; at most {seconds:g} are allowed"


def fuzz(target: Target, seconds: float, first_seed: int) -> tuple[int, int]:
    """Try random inputs until the time is over, and return how many, and how many of them were accepted.

    The smallest input that fails is written to the corpus, and what it raises is raised.
    """
    end, tried, accepted = time.monotonic() + seconds, 0, 0
    failed: bytes | None = None

    def attempt(content: bytes) -> None:
        nonlocal tried, accepted, failed
        tried += 1
        try:
            accepted += target.attempt(content)
        except Exception:
            failed = content  # hypothesis tries the smallest one last
            raise

    try:
        for number in itertools.count(first_seed):
            seed(number)(_RANDOM(given(target.inputs)(attempt)))()
            if time.monotonic() >= end:
                return tried, accepted
    except Exception as error:
        if failed is None:  # then the strategy is at fault
            raise
        path = CORPUS / target.name / f"found-{hashlib.sha256(failed).hexdigest()[:12]}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(failed)
        error.add_note(f"seed {number}; the input is in {os.path.relpath(path)}: mend the fault and commit the file")
        raise
    raise AssertionError("unreachable")


_RANDOM = settings(
    max_examples=EXAMPLES,
    database=None,
    deadline=None,
    report_multiple_bugs=False,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
