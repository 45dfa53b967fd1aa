"""An example: a plain script with a PEP 723 header, read but never imported."""

from __future__ import annotations

from dataclasses import dataclass

PROFILES = ("quick", "full")


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


@dataclass(frozen=True)
class Cell:
    """A part of the script between `# %%` marks: `kind` is code or markdown, `line` its first line."""

    kind: str
    source: str
    line: int


@dataclass(frozen=True)
class Example:
    """`id` is the path below `examples/` without the suffix (`kernels/gemm`).

    `digest` is the SHA-256 over the script, the local modules it imports and its data files;
    `closure` lists them as (path relative to the root, SHA-256). Of Python files neither counts comments,
    docstrings and blank lines; `text_digest` and `text_closure` count every byte, as early records do.
    `layer` is where the example belongs in a project with a stack, empty in others.
    `profiles` are those of which a run includes it; a costly example leaves out `quick`.
    `needs` are things a machine may lack (`c++`); `budget_seconds` bounds one launch. `roofs` marks the one example
    whose record gives every other its roofs; it is measured first. With `shared_scratch` the launches of
    one run share the directory of temporary files, so that a compiler is warmed up once. Only with `network`
    may a launch reach more than 127.0.0.1.
    """

    id: str
    path: str
    title: str
    summary: str
    source: str
    cells: tuple[Cell, ...]
    digest: str
    closure: tuple[tuple[str, str], ...]
    layer: str = ""
    dependencies: tuple[str, ...] = ()
    devices: tuple[str, ...] = ("cpu",)
    profiles: tuple[str, ...] = PROFILES
    claims: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    environment: str = ""
    budget_seconds: float = 60.0
    launches: int = 0
    roofs: bool = False
    shared_scratch: bool = False
    network: bool = False
    expect: Expectation | None = None
    text_digest: str = ""
    text_closure: tuple[tuple[str, str], ...] = ()

    def matches(self, digest: str) -> bool:
        """Whether a record's digest is that of this source."""
        return digest in (self.digest, self.text_digest)
