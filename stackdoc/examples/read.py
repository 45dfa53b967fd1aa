"""Examples, read from their scripts; nothing of them is imported or run."""

from __future__ import annotations

import ast
import dataclasses
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from packaging.requirements import Requirement

from stackdoc.errors import Problem, StackdocError, did_you_mean, printable
from stackdoc.examples import gallery_comments, notebook
from stackdoc.examples.closure import by_byte, by_essence, closure, digest, parse
from stackdoc.examples.header import Header, HeaderOptions, is_declared, read_header
from stackdoc.examples.imports import importable, packages_imported
from stackdoc.examples.known_digests import KnownDigests
from stackdoc.examples.prose import Prose, name_as_title
from stackdoc.examples.source_digest import MARK, is_text
from stackdoc.machine.backends import DEVICES
from stackdoc.model.example import PROFILES, Cell, Example, Expectation
from stackdoc.project import ENVIRONMENTS, EXAMPLES
from stackdoc.reading.text import read_text

SETTINGS = ("environment", "expect", "launches", "network", "roofs", "shared_scratch")
TABLE = r"(?m)^# \[\s*tool\s*\.\s*stackdoc\s*\]"
NAME = re.compile(r"[A-Za-z0-9_]+([-.][A-Za-z0-9_]+)*")
NOT_EXAMPLES = re.compile(r"[._].*|conftest\.py|setup\.py|test_.*|.*_test\.py")  # unless they have our table
PAGES = ("index", "readme")  # whose addresses are taken
LONGEST_TAG = 40


def read_examples(
    root: Path, problems: list[Problem], folder: str = EXAMPLES, known: KnownDigests | None = None
) -> dict[str, Example]:
    """Every script and notebook below the folder, by id; `known` are the source digests of earlier runs.

    A file without our table is no example when it is a module of another one, of a package or of the tests.
    """
    examples: dict[str, Example] = {}
    known = known or KnownDigests(root, is_stored=False)
    for path in _candidates(root, folder):
        try:
            example = read_example(root, path, folder, known)
        except StackdocError as error:
            problems.extend(error.problems)
        else:
            examples.setdefault(example.id, example)
    modules = {path for example in examples.values() for path, _ in example.closure if path != example.path}
    examples = {
        id: example for id, example in examples.items() if example.path not in modules or is_declared(example.source)
    }
    marked = [example for example in examples.values() if example.roofs]
    for example in marked[1:]:
        problems.append(
            Problem(example.path, 0, "roofs", f"stands in {marked[0].path} too", "one example has the roofs")
        )
    return examples


def _candidates(root: Path, folder: str) -> Iterator[str]:
    """The files that may be examples, relative to the root; of a script and its notebook the script first."""
    for suffix in ("*.py", "*.ipynb"):
        for file in sorted((root / folder).rglob(suffix)):
            path = file.relative_to(root).as_posix()
            apart = any(part.startswith(".") or part == "__pycache__" for part in file.relative_to(root / folder).parts)
            if apart or path.startswith(f"{ENVIRONMENTS}/") or not file.is_file() or not is_example(root, path):
                continue
            yield path


def is_example(root: Path, path: str) -> bool:
    """Whether the file has our table, or is a script that is neither part of a package nor of tests by its name."""
    file = root / path
    if is_declared(file.read_bytes()[:1_000_000].decode("utf-8", "replace")):
        return True
    is_inside = file.resolve().is_relative_to(root.resolve())
    return is_inside and not NOT_EXAMPLES.fullmatch(file.name) and not (file.parent / "__init__.py").exists()


def read_example(root: Path, path: str, folder: str = EXAMPLES, known: KnownDigests | None = None) -> Example:
    """The example in `path`, relative to `root`. Raises StackdocError with everything that is wrong with its table.

    What keeps the script from running anywhere is its `fault`, so that it stops no other example.
    """
    problems, faults = list[Problem](), list[Problem]()
    if not (root / path).resolve().is_relative_to(root.resolve()):
        raise StackdocError([Problem(path, 0, "", "leads out of the project")])
    source = _script(root, path, faults)
    declared = is_declared(source)
    header = read_header(path, source, problems if declared else faults) or Header()
    if problems:
        raise StackdocError(problems)
    tree = parse(path, source, faults) or ast.Module([], [])
    if declared:
        problems.extend(_refused(root, path, header))
    paths = closure(root, path, tree, header.options.data, problems if declared else faults)
    if problems:
        raise StackdocError(dataclasses.replace(p, line=p.line or _line(header, p)) for p in problems)
    return _example(root, path, folder, source, header, tree, paths, faults, known)


def _script(root: Path, path: str, faults: list[Problem]) -> str:
    """The text of the script, or of the one that a notebook's cells make; empty after a fault."""
    if not path.endswith(notebook.SUFFIX):
        return read_text(root, path, faults, marked=True) or ""
    try:
        return notebook.script((root / path).read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        faults.append(Problem(path, 0, "", f"is not a notebook: {error}"))
        return ""


def _example(
    root: Path,
    path: str,
    folder: str,
    source: str,
    header: Header,
    tree: ast.Module,
    paths: list[str],
    faults: list[Problem],
    known: KnownDigests | None,
) -> Example:
    by_text = by_byte(root, paths)
    parts = by_essence(root, by_text, known)
    options = {field.name: getattr(header.options, field.name) for field in dataclasses.fields(header.options)}
    prose = Prose()
    docstring = ast.get_docstring(tree) or ""
    cells = [*_cells(source, _first_line(tree, header), prose)]
    if not docstring and path.endswith(notebook.SUFFIX) and cells and cells[0].kind == "markdown":
        docstring, cells = cells[0].source, cells[1:]
    title, text = prose.titled(docstring) if docstring.strip() else ("", "")
    if header.options.title:  # then the docstring is a summary from its first line on
        title, text = header.options.title, ""
    options["tags"] = header.options.tags or gallery_comments.tags(source)
    if header.options.thumbnail == 1:
        options["thumbnail"] = gallery_comments.thumbnail(source)
    return Example(
        id=_id(PurePosixPath(path).relative_to(folder)),
        path=path,
        summary=" ".join(docstring.split("\n\n")[0].split()) if header.options.title else "",
        source=source,
        cells=tuple(cells),
        digest=digest(parts, _settings(header.options)),
        closure=parts,
        text_digest=digest(by_text),
        text_closure=by_text,
        dependencies=_dependencies(root, path, header, tree),
        requires_python=header.requires_python,
        text=text,
        fault=faults[0].message if faults else "",
        fault_line=faults[0].line if faults else 0,
        **{**options, "title": title or name_as_title(PurePosixPath(path).stem)},
    )


def _id(path: PurePosixPath) -> str:
    """The path without its suffix, in characters that an address may have, and no address of another page."""
    id = re.sub(r"[^A-Za-z0-9_./-]+", "-", path.with_suffix("").as_posix())
    return f"{id}-example" if path.stem.lower() in PAGES else id


def _dependencies(root: Path, path: str, header: Header, tree: ast.Module) -> tuple[str, ...]:
    """Those of the header; those that the script imports where the header does not say, or an environment does."""
    if header.dependencies is not None or header.options.environment:
        return header.dependencies or ()
    return tuple(packages_imported(tree, (root / path).parent))


def _settings(options: HeaderOptions) -> str:
    """What the header says of how launches run; its other keys change no figure."""
    return json.dumps({name: getattr(options, name) for name in SETTINGS}, sort_keys=True, default=_plain)


def _plain(expect: Expectation) -> dict[str, object]:
    """As it has always been written: an exit code of 0 says no more than none."""
    return {**dataclasses.asdict(expect), "exit_code": expect.exit_code or 0}


def _line(header: Header, problem: Problem) -> int:
    return header.lines.get((problem.where,), 0) if problem.where else 0


def _refused(root: Path, path: str, header: Header) -> Iterator[Problem]:
    stem, options = PurePosixPath(path).stem, header.options
    if not NAME.fullmatch(stem):
        yield Problem(path, 0, "", f"{stem!r} is no name for an example", "lower-case letters, digits, - and _")
    packages = {Requirement(text).name.replace("-", "_").lower() for text in header.dependencies or ()}
    if stem in packages or importable(stem, root / EXAMPLES):
        yield Problem(path, 0, "", f"is named like the module {stem!r} and would hide it", "rename it")
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
    if options.thumbnail == 0:
        yield Problem(path, 0, "thumbnail", "found 0", "1 is the first figure, -1 the last")
    for tag in options.tags:
        if not tag.strip() or len(tag) > LONGEST_TAG or printable(tag) != tag:
            hint = f"a text of at most {LONGEST_TAG} characters on one line"
            yield Problem(path, 0, "tags", f"{tag!r} is not a valid tag", hint)
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
        except (re.error, OverflowError, RecursionError) as error:
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
        yield Problem(path, 0, "expect", "is empty", "say how it ends or what it prints")


def _first_line(tree: ast.Module, header: Header) -> int:
    """The first line after header and docstring."""
    first = tree.body[0] if tree.body else None
    return max(header.last, first.end_lineno or 0 if first and ast.get_docstring(tree) else 0) + 1


def _cells(source: str, start: int, prose: Prose) -> Iterator[Cell]:
    """The parts between marks, after header and docstring; what is before the first mark only if it has code."""
    mark, first, held = None, start, list[str]()
    for number, line in enumerate(source.split("\n")[start - 1 :], start):
        found = MARK.fullmatch(line)
        if found is None or (found["banner"] and mark and held and all(map(_is_comment, held))):
            held.append(line)
            continue
        yield from _cell(mark, held, first, prose)
        mark, first, held = found, number + 1, []
    yield from _cell(mark, held, first, prose)


def _cell(mark: re.Match[str] | None, lines: list[str], first: int, prose: Prose) -> Iterator[Cell]:
    """The lines without blank ones around them. A comment right below the mark is the text before the code."""
    if mark and is_text(mark):
        yield Cell("markdown", _uncommented(lines), first + _blank(lines))
        return
    comment = 0
    while mark and comment < len(lines) and _is_comment(lines[comment]):
        comment += 1
    heading = re.sub(r"\[[^\]]*\]|\w+=(\"[^\"]*\"|\S+)", "", mark["rest"] or "").strip() if mark else ""
    text = prose.markdown(_uncommented(line for line in lines[:comment] if not MARK.fullmatch(line)))
    text = "\n\n".join(filter(None, [f"### {heading}" if heading else "", text]))
    code = lines[comment:]
    source = "\n".join(code[_blank(code) :]).rstrip()
    if source:
        yield Cell("code", source, first + comment + _blank(code), text)
    elif mark:
        yield Cell("markdown", text, first)


def _is_comment(line: str) -> bool:
    return line.startswith("#")


def _blank(lines: list[str]) -> int:
    """How many blank lines come first."""
    return next((at for at, line in enumerate(lines) if line.strip()), 0)


def _uncommented(lines: Iterable[str]) -> str:
    """Return the text of comments, without those that only set an option of a gallery."""
    texts = (line for line in lines if not gallery_comments.SETTING.fullmatch(line))
    return "\n".join(line.removeprefix("#").removeprefix(" ") for line in texts).strip("\n").rstrip()


def header_problem(example: Example, key: str, message: str, hint: str) -> Problem:
    """A problem at the line of one of the header's keys, or at that of its table where the key is absent."""
    keyed, table = (re.search(pattern, example.source) for pattern in (rf"(?m)^# {key}\s*=", TABLE))
    found = keyed or table
    return Problem(example.path, example.source.count("\n", 0, found.start()) + 1 if found else 0, key, message, hint)
