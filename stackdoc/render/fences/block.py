"""The fence `stackdoc`: a YAML mapping whose first key is the directive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from stackdoc.errors import Problem, StackdocError, did_you_mean
from stackdoc.reading.document import Document
from stackdoc.reading.strict_yaml import parse
from stackdoc.render.domain import domain
from stackdoc.render.fences.directives import DIRECTIVES
from stackdoc.render.fences.fence import Directive, Fence
from stackdoc.render.html.page import Assets
from stackdoc.render.values.points import Location
from stackdoc.site.site import Site

WORDS: dict[type, str] = {
    str: "text",
    bool: "true or false",
    list: "a list",
    dict: "a mapping",
    int: "a whole number",
    float: "a number",
}


def fence(site: Site, body: str, file: str, line: int, assets: Assets | None = None) -> str:
    """Return the HTML of a fence whose body starts at `line` of `file`; files it links to go to `assets`.

    Raises StackdocError with file, line and the nearest known word for anything unknown.
    """
    parsed = read_fence(site, body, file, line, assets)
    directive = {**DIRECTIVES, **domain(site).directives}[parsed.directive]
    if assets is not None:
        assets.cacheable &= directive.cacheable
    return str(directive.write(parsed))


def read_fence(site: Site, body: str, file: str, line: int, assets: Assets | None = None) -> Fence:
    """Return the fence with its keys checked. Raises StackdocError as `fence` does."""
    document = _document(body, file, line)
    fields = document.data
    directives = {**DIRECTIVES, **domain(site).directives}
    if not isinstance(fields, dict) or not fields:
        hint = f"its first key is one of {', '.join(directives)}"
        raise Location(file, line).refuse("a stackdoc fence contains a YAML mapping", hint)
    inner = {".".join(map(str, path)): path for path in document.lines if path}  # `with.tokens`
    places = {key: Location(file, document.line(path) + line - 1) for key, path in inner.items()}
    name, *names = fields
    if name not in directives:
        raise places[name].refuse(f"unknown directive {name!r}", did_you_mean(name, directives))
    directive = directives[name]
    options: dict[str, object] = {key: fields[key] for key in names}
    problems = list(_problems(name, directive, options, places))
    if problems:
        raise StackdocError(problems)
    return Fence(site, fields[name], options, places, name, assets)


def _document(body: str, file: str, line: int) -> Document:
    problems: list[Problem] = []
    document = parse(file, body, problems)
    if problems or document is None:
        raise StackdocError(
            replace(problem, line=problem.line + line - 1 if problem.line else line) for problem in problems
        )
    return document


def _problems(
    directive: str, row: Directive, options: dict[str, object], places: dict[str, Location]
) -> Iterator[Problem]:
    """Yield a problem for each unknown key and each value of the wrong type."""
    known = row.options
    for name, value in options.items():
        if name not in known:
            hint = did_you_mean(name, known) or "it takes no further keys"
            yield from places[name].refuse(f"unknown key {name!r}", hint, directive).problems
        elif not isinstance(value, known[name]) or (isinstance(value, bool) and bool not in known[name]):
            words = " or ".join(WORDS[kind] for kind in known[name])
            yield from places[name].refuse(f"{name} is {value!r}", f"it must be {words}", directive).problems
