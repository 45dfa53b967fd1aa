"""Decodes plain data into frozen dataclasses; each fault that pydantic finds becomes a one-line problem."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from itertools import islice
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import Field, TypeAdapter, ValidationError

from stackdoc.errors import Problem, did_you_mean
from stackdoc.reading.document import Document, Json, Path

T = TypeVar("T")
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SLUG_HINT = "lower-case letters, digits and single hyphens"

LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,31}")
WEB = re.compile(r"https?://[^\s<>\"'`\\]+")
NAMES = ("id", "label", "term")  # keys whose values must be unique in a list
SCALARS = (int, float, str, bool)  # a list of them, such as the samples of a launch, holds no keys
MOST_PROBLEMS = 100  # of one document
EXPECTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "dataclass_type": "a mapping",
}


def written_as(name: str) -> Any:
    """Return the annotation of a field whose key is a word that Python reserves, such as `from`."""
    return Field(alias=name)


def decode(kind: type[T], document: Document, problems: list[Problem], written: bool = True) -> T | None:
    """Return the document as `kind`, a dataclass or a tuple of them; None if a type is wrong. Report all problems.

    In what people have `written`, required texts must not be empty and names must be well formed.
    """
    faults = [*_unknown_or_empty(kind, document, written), *(_bad_names(document) if written else ())]
    value: T | None = None
    shape: Any = kind
    try:
        value = adapter(shape).validate_json(json.dumps(document.data), strict=True)
    except ValidationError as error:
        faults += _translated(kind, document, error)
    problems.extend(faults[:MOST_PROBLEMS])
    return value


def decode_each(kind: type[T], document: Document, problems: list[Problem]) -> tuple[tuple[Document, T], ...]:
    """Return the valid entries of a list, each with its place. Report the problems of the others."""
    if not isinstance(document.data, list):
        problems.append(document.problem((), "a list is expected"))
        return ()
    faults = list(islice(_duplicates(document, document.data, ()), MOST_PROBLEMS))
    values: list[tuple[Document, T]] = []
    for _, item in document.items():
        if len(faults) >= MOST_PROBLEMS:
            faults.append(document.problem((), f"has {MOST_PROBLEMS} problems or more", "the rest was not checked"))
            break
        value = decode(kind, item, faults)
        if value is not None:
            values.append((item, value))
    problems.extend(faults)
    return tuple(values)


@cache
def adapter(kind: Any) -> TypeAdapter[Any]:
    """Return the type adapter, built once, since that takes long."""
    return TypeAdapter(kind)


def _translated(kind: Any, document: Document, error: ValidationError) -> Iterator[Problem]:
    for fault in error.errors(include_url=False)[:MOST_PROBLEMS]:
        path: Path = fault["loc"]
        if document.is_rejected(path):
            continue
        if fault["type"] == "missing":
            yield document.problem(path[:-1], f"lacks {path[-1]!r}")
        elif fault["type"] == "literal_error":
            known = [str(word) for word in get_args(_type_at(kind, path))]
            value = fault["input"]
            shown = _shown(document, path, value) if isinstance(value, list | dict) else f"{value!r:.60}"
            yield document.problem(path, f"found {shown}; known: {', '.join(known)}", _near(value, known))
        elif fault["type"] == "string_type" and isinstance(fault["input"], bool | int | float):
            text = document.as_printed(path) or str(fault["input"])
            yield document.problem(path, f"found {text}, which YAML reads as {_read_as(fault)}", f'quote it: "{text}"')
        elif fault["type"] in EXPECTED:
            shown = _shown(document, path, fault["input"])
            yield document.problem(path, f"found {shown}; {EXPECTED[fault['type']]} is expected")
        else:
            message: str = fault["msg"]
            yield document.problem(path, message[:1].lower() + message[1:])


def _near(value: object, known: list[str]) -> str:
    hint = did_you_mean(str(value), known)
    return hint if hint.startswith("did") else ""


def _read_as(fault: Any) -> str:
    value = fault["input"]
    return str(value).lower() if isinstance(value, bool) else f"the number {value}"


def _shown(document: Document, path: Path, value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, dict):
        return "a mapping"
    return document.as_printed(path) or repr(value)[:60]


def _unknown_or_empty(kind: Any, document: Document, written: bool) -> Iterator[Problem]:
    """Yield unknown keys and, in what people have written, empty required texts."""
    for path, known in _unexpected(kind, document.data, ()):
        if isinstance(known, tuple):
            comma = document.at(path) is None and " " in str(path[-1])
            hint = "quote the text whose comma ends before it" if comma else did_you_mean(str(path[-1]), known)
            yield document.problem(path, f"unknown key {path[-1]!r:.60}", hint)
        elif written:
            yield document.problem(path, "is empty")


def _unexpected(kind: Any, data: Json, path: Path) -> Iterator[tuple[Path, tuple[str, ...] | None]]:
    """Yield the path of each unknown key with the known keys, and of each empty required text with None."""
    kind = _without_none(kind)
    if is_dataclass(kind) and isinstance(data, dict):
        shape: Any = kind
        known = members(shape)
        required = {member.name for member in fields(kind) if member.default is MISSING}
        for key, value in data.items():
            if key not in known:
                yield (*path, key), tuple(known)
            elif known[key] is str and key in required and isinstance(value, str) and not value.strip():
                yield (*path, key), None
            elif isinstance(value, dict | list):
                yield from _unexpected(known[key], value, (*path, key))
    elif get_origin(kind) is tuple and isinstance(data, list) and get_args(kind)[0] not in SCALARS:
        for index, value in enumerate(data):
            yield from _unexpected(_item(kind, index), value, (*path, index))
    elif get_origin(kind) is dict and isinstance(data, dict):
        for key, value in data.items():
            yield from _unexpected(get_args(kind)[1], value, (*path, key))


def _type_at(kind: Any, path: Path) -> Any:
    for step in path:
        kind = _without_none(kind)
        kind = _item(kind, step) if isinstance(step, int) else members(kind)[step]
    return _without_none(kind)


def _item(kind: Any, index: int) -> Any:
    arguments = get_args(kind)
    return arguments[0] if len(arguments) == 2 and arguments[1] is Ellipsis else (*arguments, *[Any] * 99)[index]


@cache
def _without_none(kind: Any) -> Any:
    if get_origin(kind) in (Union, UnionType):
        rest = [part for part in get_args(kind) if part is not NoneType]
        return rest[0] if len(rest) == 1 else kind
    return kind


@cache
def members(kind: Any) -> dict[str, Any]:
    """Return the types of a dataclass's fields by key: that of `from_` is `from`, which can't be a name in Python."""
    hints = get_type_hints(kind)
    return {member.name.rstrip("_"): hints[member.name] for member in fields(kind)}


def _bad_names(document: Document) -> Iterator[Problem]:
    """Yield invalid ids, labels and web addresses, and duplicate names in a list."""
    for path, value in _texts(document.data, ()):
        key = path[-1] if path else ""
        if document.is_rejected(path):
            continue
        if key == "id" and not SLUG.fullmatch(value):
            yield document.problem(path, f"{value[:60]!r} is not a valid id", SLUG_HINT)
        elif key == "label" and not LABEL.fullmatch(value):
            yield document.problem(path, f"{value[:60]!r} is not a valid label", "letters and digits, at most 32")
        elif key == "url" and value and not WEB.fullmatch(value):
            yield document.problem(path, f"{value[:60]!r} is not a web address", "it starts with https:// or http://")
    yield from _duplicates(document, document.data, ())


def _texts(data: Json, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _texts(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _texts(value, (*path, index))


def _duplicates(document: Document, data: Json, path: Path) -> Iterator[Problem]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _duplicates(document, value, (*path, key))
    elif isinstance(data, list):
        for name in NAMES:
            first: dict[str, int] = {}
            for index, item in enumerate(data):
                value = item.get(name) if isinstance(item, dict) else None
                if isinstance(value, str) and first.setdefault(value, index) != index:
                    line = document.line((*path, first[value], name))
                    hint = f"first defined on line {line}"
                    yield document.problem((*path, index, name), f"duplicate {name} {value!r}", hint)
        for index, item in enumerate(data):
            yield from _duplicates(document, item, (*path, index))
