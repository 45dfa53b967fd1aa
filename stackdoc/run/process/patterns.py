"""Searches the output of an example, in a process with a time limit: a pattern may take longer than anyone waits.

As a program it reads the name of a search and its arguments from standard input, as JSON, and prints the result. It
imports the standard library only, so that it starts at once.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

SECONDS = 10.0
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


class Unsearched(Exception):
    """The search did not end in time, or failed."""


def first_match(pattern: str, text: str) -> str | None:
    """Return the first match of a regular expression, None if there is none. Raises Unsearched."""
    match: str | None = _in_process("first_match", pattern, text)
    return match


def contains(printed: str, wanted: str, tolerance: float) -> bool:
    """Whether `wanted` was printed, up to white space and, for numbers, the relative tolerance. Raises Unsearched."""
    return bool(_in_process("contains", printed, wanted, tolerance))


def _in_process(search: str, *arguments: Any) -> Any:
    try:
        done = subprocess.run(
            (sys.executable, "-I", "-S", __file__),
            input=json.dumps([search, arguments]).encode(),
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise Unsearched(f"takes longer than {SECONDS:g} s to search for") from None
    except subprocess.CalledProcessError as error:
        reason = error.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise Unsearched(f"can't be searched for: {reason}") from None
    return json.loads(done.stdout)


def _first_match(pattern: str, text: str) -> str | None:
    match = re.search(pattern, text)
    return match[0] if match else None


def _contains(printed: str, wanted: str, tolerance: float) -> bool:
    numbers = [float(text) for text in NUMBER.findall(wanted)]
    words = [r"\s+".join(map(re.escape, re.split(r"\s+", text))) for text in NUMBER.split(wanted)]
    for match in re.finditer(f"({NUMBER.pattern})".join(words), printed):
        pairs = zip(map(float, match.groups()), numbers, strict=True)
        if all(abs(actual - number) <= tolerance * abs(number) for actual, number in pairs):
            return True
    return False


SEARCHES: dict[str, Callable[..., Any]] = {"first_match": _first_match, "contains": _contains}


if __name__ == "__main__":
    search, arguments = json.load(sys.stdin.buffer)
    print(json.dumps(SEARCHES[search](*arguments)))
