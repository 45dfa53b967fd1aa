"""The inline metadata of a script (PEP 723), as data with lines."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from stackdoc.errors import Problem, did_you_mean
from stackdoc.model.example import PROFILES, Expectation
from stackdoc.reading.decode import decode
from stackdoc.reading.document import Document, Path

# As PEP 723 gives it, and blanks at the end of its first and last line, which no reader sees.
BLOCK = re.compile(r"(?m)^# /// script[ \t]*$\s(?P<content>(^#(| .*)$\s)+)^# ///[ \t]*$")
TABLE = re.compile(r"(?m)^# ?\[\s*tool\s*\.\s*stackdoc\b")
TOP = ("requires-python", "dependencies", "tool")
AT_LINE = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")


@dataclass(frozen=True)
class HeaderOptions:
    """The table `[tool.stackdoc]`, with the defaults of an Example."""

    title: str = ""
    layer: str = ""
    devices: tuple[str, ...] = ("cpu",)
    profiles: tuple[str, ...] = PROFILES
    claims: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    environment: str = ""
    budget_seconds: float = 60.0
    launches: int = 0
    shared_scratch: bool = False
    network: bool = False
    expect: Expectation | None = None
    roofs: bool = False
    tags: tuple[str, ...] = ()
    thumbnail: int = 1


@dataclass(frozen=True)
class Header:
    """`lines` are those of the options in the script, by key; `last` is the header's last line.

    `dependencies` are None where the header does not say what the script needs.
    """

    options: HeaderOptions = HeaderOptions()
    dependencies: tuple[str, ...] | None = None
    lines: dict[Path, int] = field(default_factory=dict)
    last: int = 0
    requires_python: str = ""


def is_declared(source: str) -> bool:
    """Whether the script has our table, or something that was meant to be it."""
    return TABLE.search(source) is not None


def read_header(file: str, source: str, problems: list[Problem]) -> Header | None:
    """The header of a script; an empty one for a script that has none and does not mention our table.

    None after problems: no header around our table, two of them, not TOML, unknown or wrong keys.
    """
    blocks = list(BLOCK.finditer(source))
    if not blocks and not is_declared(source):
        return Header()
    if len(blocks) != 1:
        message = "has two script headers" if blocks else "has no script header (PEP 723)"
        hint = "start it with # /// script … # ///" if not blocks else ""
        problems.append(Problem(file, 1, "", message, hint))
        return None
    start = source.count("\n", 0, blocks[0].start()) + 2
    content = [line[2:] for line in blocks[0]["content"].rstrip("\n").split("\n")]
    try:
        table = tomllib.loads("\n".join(content) + "\n")
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = AT_LINE.search(str(error))
        line = start + int(found[1] or len(content)) - 1 if found else start
        problems.append(Problem(file, line, "", f"header is not TOML: {AT_LINE.sub('', str(error)).strip()}"))
        return None
    return _header(file, table, content, start, problems)


def _header(file: str, table: dict[str, Any], content: list[str], start: int, problems: list[Problem]) -> Header | None:
    lines = _lines(content, start)
    before = len(problems)
    for key in table.keys() - set(TOP):
        problems.append(Problem(file, lines.get((key,), start), key, f"unknown key {key!r}", did_you_mean(key, TOP)))
    dependencies = table.get("dependencies", [])
    _check_packages(file, table, lines, start, problems)
    tool = table.get("tool")
    data = tool.get("stackdoc") if isinstance(tool, dict) else None
    found = Header(
        dependencies=tuple(dependencies) if "dependencies" in table and len(problems) == before else None,
        lines=lines,
        last=start + len(content),
        requires_python=str(table.get("requires-python", "")),
    )
    if data is None and (near := get_close_matches("stackdoc", tool if isinstance(tool, dict) else (), 1, 0.8)):
        message = f"unknown table 'tool.{near[0]}'"
        problems.append(
            Problem(file, lines.get(("tool", near[0]), start), "", message, "did you mean 'tool.stackdoc'?")
        )
    if data is None:
        return found if len(problems) == before else None
    if not isinstance(data, dict):
        problems.append(Problem(file, start, "tool.stackdoc", "is missing", "write [tool.stackdoc]"))
        return None
    try:
        options = decode(
            HeaderOptions, Document(file, data, {(): lines.get(("tool", "stackdoc"), start), **lines}), problems
        )
    except TypeError:
        problems.append(Problem(file, start, "tool.stackdoc", "holds a date", "quote it"))
        return None
    if options is None or len(problems) > before:
        return None
    return replace(found, options=options)


def _lines(content: list[str], start: int) -> dict[Path, int]:
    """The line of each key, and of each table by the parts of its name."""
    lines: dict[Path, int] = {}
    for number, line in enumerate(content, start):
        if key := re.match(r"\s*\"?([A-Za-z0-9_-]+)\"?\s*=", line):
            lines.setdefault((key[1],), number)
        elif name := re.match(r"\s*\[([^\[\]]+)\]", line):
            lines.setdefault(tuple(part.strip() for part in name[1].split(".")), number)
    return lines


def _check_packages(
    file: str, table: dict[str, Any], lines: dict[Path, int], start: int, problems: list[Problem]
) -> None:
    python, dependencies = table.get("requires-python", ""), table.get("dependencies", [])
    try:
        SpecifierSet(python)
    except (InvalidSpecifier, AttributeError, TypeError):
        line = lines.get(("requires-python",), start)
        problems.append(Problem(file, line, "requires-python", f"{python!r} is no version specifier", 'write ">=3.11"'))
    line = lines.get(("dependencies",), start)
    if not isinstance(dependencies, list):
        problems.append(Problem(file, line, "dependencies", "a list is expected"))
        return
    for index, requirement in enumerate(dependencies):
        try:
            Requirement(requirement)
        except (InvalidRequirement, TypeError):
            problems.append(Problem(file, line, f"dependencies[{index}]", f"{requirement!r} is no requirement"))
