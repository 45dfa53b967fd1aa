"""An example: a plain script with a PEP 723 header. It is read, never imported."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

PROFILES = ("quick", "full")


@dataclass(frozen=True)
class Expectation:
    """What an example is expected to do; empty fields expect nothing.

    `fails` is the name of an exception, `message` a regular expression that its message must match. `prints` is a text
    that the output must contain, its numbers within the relative `tolerance`; `never_prints` is a regular expression
    that the output must not match. `exit_code` is that of the process.
    """

    fails: str = ""
    message: str = ""
    prints: str = ""
    tolerance: float = 0.0
    never_prints: str = ""
    exit_code: int | None = None

    @property
    def must_fail(self) -> bool:
        """Whether the example must fail: it is launched once, untimed, and has no figures."""
        return bool(self.fails or self.exit_code)


@dataclass(frozen=True)
class Cell:
    """A part of the script between `# %%` markers: `kind` is `code` or `markdown`, `line` its first line.

    `text` is the Markdown that comes before the code of a cell, from the comment right below its marker.
    """

    kind: str
    source: str
    line: int
    text: str = ""


@dataclass(frozen=True)
class Example:
    """A script with its header. `id` is the path below `examples/` without the suffix (`kernels/gemm`).

    `digest` is the SHA-256 over the script, the local modules it imports and its data files; `closure` lists them as
    (path relative to the root, SHA-256). Both ignore comments, docstrings and blank lines of Python files;
    `text_digest` and `text_closure` cover every byte, as early records do.

    `layer` is the example's layer in a project with a stack, empty in others. `profiles` are the profiles that
    include the example; a costly one leaves out `quick`. `needs` are things a machine may lack (`c++`), also on one
    device only (`cuda: cuda-compiler`); `budget_seconds` bounds one launch. `roofs` marks the one example whose
    record gives all others their roofs; it is measured first. With `shared_scratch` the launches of one run share a
    directory for temporary files, so that a compiler warms up once. Only with `network` may a launch connect beyond
    127.0.0.1.

    `loaded` are the files outside the closure that records of the example name, because their launches loaded them, as
    they are now. `text` is what the docstring says after its first paragraph in a script without a header table.
    `fault` says why the script can't run anywhere, such as a syntax error, and `fault_line` where.

    `tags` are words for a gallery. `thumbnail` is the number of the figure that represents the example there, from 1,
    or from -1 backwards.
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
    loaded: tuple[tuple[str, str], ...] = ()
    requires_python: str = ""
    text: str = ""
    fault: str = ""
    fault_line: int = 0
    tags: tuple[str, ...] = ()
    thumbnail: int = 1

    def needs_on(self, device: str) -> tuple[str, ...]:
        """Return what it needs on that device."""
        parts = [need.rpartition(":") for need in self.needs]
        return tuple(need.strip() for of, _, need in parts if of.strip() in ("", device))

    def matches(self, digest: str, closure: tuple[tuple[str, str], ...] = ()) -> bool:
        """Whether the digest, which may be that of an early record, is that of this source.

        With the `closure` of the record, also whether the files that its launches loaded are as they were.
        """

        return digest in (self.digest, self.text_digest) and not self.changed_since(closure)

    def changed_since(self, closure: Iterable[tuple[str, str]]) -> list[str]:
        """Return the files that a record names beside those of this source, and that are not as it names them."""
        own, now = dict(self.closure), dict(self.loaded)
        return sorted(path for path, sha256 in closure if path not in own and now.get(path) != sha256)
