"""What an example must come to besides its figures: how it fails, what it prints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Expectation:
    """`fails` is the name of an exception, `message` a regular expression found in what it says.

    `prints` is a text found in the output, its numbers within the relative `tolerance`; `never_prints` is a regular
    expression that is not. `exit_code` is that of the process, where the script ends it itself.
    """

    fails: str = ""
    message: str = ""
    prints: str = ""
    tolerance: float = 0.0
    never_prints: str = ""
    exit_code: int = 0

    @property
    def must_fail(self) -> bool:
        """Such an example is launched once, untimed, and has no figures."""
        return bool(self.fails or self.exit_code)
