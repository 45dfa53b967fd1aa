"""Examples, read from their scripts; nothing of them is imported or run."""

from __future__ import annotations

import ast
import dataclasses
import json
import re
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from packaging.requirements import Requirement

from stackdoc.errors import Problem, StackdocError, did_you_mean
from stackdoc.examples.closure import by_byte, by_essence, closure, digest, parse
from stackdoc.examples.header import Header, Options, read_header
from stackdoc.examples.source_digest import MARK
from stackdoc.machine.backends import DEVICES
from stackdoc.model.example import PROFILES, Cell, Example, Expectation
from stackdoc.project import ENVIRONMENTS, EXAMPLES
from stackdoc.reading.text import read_text

SETTINGS = ("environment", "expect", "launches", "network", "roofs", "shared_scratch")
TABLE = r"(?m)^# \[\s*tool\s*\.\s*stackdoc\s*\]"
NAME = re.compile(r"[a-z][a-z0-9_]*(-[a-z0-9_]+)*")


def read_examples(root: Path, problems: list[Problem]) -> dict[str, Example]:
    """Every `examples/<folder>/<name>.py` with a script header, by id. A file without one is a module of others."""
    examples: dict[str, Example] = {}
    for file in sorted((root / EXAMPLES).glob("*/*.py")):
        path = file.relative_to(root).as_posix()
        if path.startswith(f"{ENVIRONMENTS}/") or not is_example(root, path):
            continue
        try:
            example = read_example(root, path)
        except StackdocError as error:
            problems.extend(error.problems)
        else:
            examples[example.id] = example
    marked = [example for example in examples.values() if example.roofs]
    for example in marked[1:]:
        problems.append(
            Problem(example.path, 0, "roofs", f"stands in {marked[0].path} too", "one example has the roofs")
        )
    return examples


def is_example(root: Path, path: str) -> bool:
    """Whether the file has a header, or looks as if it lacks one: it calls `example()`."""
    content = (root / path).read_bytes()[:1_000_000]
    return b"# /// script" in content or re.search(rb"(?m)^\w+ = example\(\)", content) is not None


def read_example(root: Path, path: str) -> Example:
    """The example in `path`, relative to `root`. Raises StackdocError with everything that is wrong with it."""
    problems: list[Problem] = []
    if not (root / path).resolve().is_relative_to(root.resolve()):
        raise StackdocError([Problem(path, 0, "", "leads out of the project")])
    source = read_text(root, path, problems, marked=True)
    if source is None:
        raise StackdocError(problems)
    header = read_header(path, source, problems)
    tree = parse(path, source, problems)
    if header is None or tree is None:
        raise StackdocError(problems)
    problems.extend(_refused(root, path, header, tree))
    paths = closure(root, path, tree, header.options.data, problems)
    if problems:
        raise StackdocError(dataclasses.replace(p, line=p.line or _line(header, p)) for p in problems)
    by_text = by_byte(root, paths)
    parts = by_essence(root, by_text)
    options = {field.name: getattr(header.options, field.name) for field in dataclasses.fields(header.options)}
    return Example(
        id=PurePosixPath(path).relative_to(EXAMPLES).with_suffix("").as_posix(),
        path=path,
        summary=" ".join((ast.get_docstring(tree) or "").split("\n\n")[0].split()),
        source=source,
        cells=tuple(_cells(source, _first_line(tree, header))),
        digest=digest(parts, _settings(header.options)),
        closure=parts,
        text_digest=digest(by_text),
        text_closure=by_text,
        dependencies=header.dependencies,
        **options,
    )


def _settings(options: Options) -> str:
    """What the header says of how launches run; its other keys change no figure."""
    return json.dumps({name: getattr(options, name) for name in SETTINGS}, sort_keys=True, default=dataclasses.asdict)


def _line(header: Header, problem: Problem) -> int:
    return header.lines.get((problem.where,), 0) if problem.where else 0


def _refused(root: Path, path: str, header: Header, tree: ast.Module) -> Iterator[Problem]:
    stem, options = PurePosixPath(path).stem, header.options
    if not NAME.fullmatch(stem):
        yield Problem(path, 0, "", f"{stem!r} is no name for an example", "lower-case letters, digits, - and _")
    packages = {Requirement(text).name.replace("-", "_").lower() for text in header.dependencies}
    if stem in packages or _importable(stem, root / EXAMPLES):
        yield Problem(path, 0, "", f"is named like the module {stem!r} and would hide it", "rename it")
    if not ast.get_docstring(tree):
        yield Problem(path, header.last + 1, "", "has no docstring", "say what it measures and why")
    yield from _named(path, "devices", options.devices, DEVICES)
    yield from _named(path, "profiles", options.profiles, PROFILES)
    for need in options.needs:
        device, colon, _ = need.rpartition(":")
        if colon and device.strip() not in options.devices:
            hint = f"its devices: {', '.join(options.devices)}"
            yield Problem(path, 0, "needs", f"{need!r} is for a device that the example does not have", hint)
    if options.budget_seconds <= 0:
        yield Problem(path, 0, "budget_seconds", f"found {options.budget_seconds:g}; more than 0 is expected")
    if options.launches < 0:
        yield Problem(path, 0, "launches", f"found {options.launches}; 0 or more is expected")
    if options.expect:
        yield from _faulty(path, options.expect)
    if options.environment and not (root / ENVIRONMENTS / options.environment).is_dir():
        known = [place.name for place in (root / ENVIRONMENTS).glob("*") if place.is_dir()]
        message = f"unknown environment {options.environment!r}"
        yield Problem(path, 0, "environment", message, did_you_mean(options.environment, known))


def _named(path: str, key: str, names: Sequence[str], known: Sequence[str]) -> Iterator[Problem]:
    """What is wrong with a list of which each word is one of those known."""
    hint = f"known: {', '.join(known)}"
    for name in names:
        if name not in known:
            yield Problem(path, 0, key, f"unknown {key[:-1]} {name!r}", hint)
    if not names:
        yield Problem(path, 0, key, "is empty", hint)


def _faulty(path: str, expect: Expectation) -> Iterator[Problem]:
    """What of an expectation can't be met or says nothing."""
    for key in ("message", "never_prints"):
        try:
            re.compile(getattr(expect, key))
        except (re.error, RecursionError) as error:
            yield Problem(path, 0, key, f"is no regular expression: {error}")
    if expect.fails and expect.exit_code:
        yield Problem(path, 0, "exit_code", "stands beside fails", "an exception or an exit code")
    if expect.message and not expect.fails:
        yield Problem(path, 0, "message", "stands without fails", "name the exception")
    if not 0 <= expect.tolerance < 1:
        yield Problem(path, 0, "tolerance", f"found {expect.tolerance:g}; a share from 0 to 1 is expected")
    if expect.tolerance and not expect.prints:
        yield Problem(path, 0, "tolerance", "stands without prints", "say what is printed")
    if expect == Expectation():
        yield Problem(path, 0, "expect", "is empty", "say how it fails or what it prints")


def _importable(name: str, examples: Path) -> bool:
    """Whether `import name` finds something other than an example."""
    if name in sys.stdlib_module_names:
        return True
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        return False
    return spec is not None and spec.origin is not None and not Path(spec.origin).is_relative_to(examples)


def _first_line(tree: ast.Module, header: Header) -> int:
    """The first line after header and docstring."""
    first = tree.body[0] if tree.body else None
    return max(header.last, first.end_lineno or 0 if first and ast.get_docstring(tree) else 0) + 1


def _cells(source: str, start: int) -> Iterator[Cell]:
    """The parts between marks, after header and docstring; empty ones are none."""
    kind, first, held = "code", start, list[str]()
    for number, line in enumerate([*source.split("\n")[start - 1 :], "# %%"], start):
        mark = MARK.fullmatch(line)
        if mark is None:
            held.append(line)
            continue
        if cell := _cell(kind, held, first):
            yield cell
        kind, first, held = "markdown" if "[markdown]" in mark["rest"] else "code", number + 1, []


def _cell(kind: str, lines: list[str], first: int) -> Cell | None:
    """The lines without blank ones around them; markdown without its comment signs."""
    while lines and not lines[0].strip():
        lines, first = lines[1:], first + 1
    if kind == "markdown":
        lines = [line.removeprefix("#").removeprefix(" ") for line in lines]
    text = "\n".join(lines).rstrip()
    return Cell(kind, text, first) if text else None


def header_problem(example: Example, key: str, message: str, hint: str) -> Problem:
    """A problem at the line of one of the header's keys, or at that of its table where the key is absent."""
    keyed, table = (re.search(pattern, example.source) for pattern in (rf"(?m)^# {key}\s*=", TABLE))
    found = keyed or table
    return Problem(example.path, example.source.count("\n", 0, found.start()) + 1 if found else 0, key, message, hint)
