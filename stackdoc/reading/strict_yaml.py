"""A strict reading of YAML: plain data only, each value as it is printed, every fault with its line.

Refused, because they surprise or explode: duplicate keys, anchors and aliases, tags, several documents, deep nesting,
unprintable characters, and plain values that YAML 1.1 turns into something else than they look like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import isfinite

import yaml

from stackdoc.errors import Problem
from stackdoc.reading.document import Document, Json, Path, where

DEPTH = 50
VALUES = 50_000
PROBLEMS = 100  # of one file; a hostile one could have as many as it has bytes
NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?([eE][-+]?[0-9]{1,3})?")
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
READ_AS = {"bool": "true or false", "null": "nothing", "timestamp": "a date", "merge": "a merge", "value": "a default"}


class TooMuch(Exception):
    """The file is not worth reading on."""


def parse(file: str, text: str, problems: list[Problem]) -> Document | None:
    """The document with all its faults put into `problems`; None when there is nothing to go on with."""
    reader = _Reader(file)
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        detail = " ".join(part for part in (error.problem, error.context) if part)
        reader.refuse(mark.line + 1 if mark else 0, (), f"is not YAML: {detail}")
        reader.broken = True
    except (yaml.YAMLError, ValueError) as error:
        reader.refuse(_line_of_unprintable(text), (), f"is not YAML: {str(error).splitlines()[0]}")
        reader.broken = True
    except TooMuch:
        reader.broken = True
    problems.extend(reader.problems)
    if not reader.broken and not reader.started:
        problems.append(Problem(file, 0, "", "is empty"))
    if reader.broken or not reader.started:
        return None
    return Document(file, reader.root, reader.lines, reader.printed, frozenset(reader.trapped))


def _line_of_unprintable(text: str) -> int:
    found = UNPRINTABLE.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else 0


class _Reader:
    """Builds plain data from events without recursion."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.root: Json = None
        self.started = self.broken = False
        self.lines: dict[Path, int] = {}
        self.printed: dict[Path, str] = {}
        self.trapped: set[Path] = set()
        self.open: list[tuple[Path, list[Json] | dict[str, Json]]] = []
        self.key: list[str | None] = []  # of each open mapping, the key that waits for its value
        self.count = 0
        self.documents = 0

    def refuse(self, line: int, path: Path, message: str, hint: str = "") -> None:
        self.problems.append(Problem(self.file, line, where(path), message, hint))
        if len(self.problems) >= PROBLEMS:
            self.problems.append(Problem(self.file, 0, "", f"has {PROBLEMS} problems or more", "the rest was not read"))
            raise TooMuch

    def take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self.refuse(line, (), "holds a second document", "one file, one document")
                raise TooMuch
        elif isinstance(event, yaml.CollectionEndEvent):
            self.open.pop()
            self.key.pop()
        elif isinstance(event, yaml.NodeEvent):
            self._node(event, line)

    def _node(self, event: yaml.NodeEvent, line: int) -> None:
        self.started = True
        self.count += 1
        if self.count > VALUES:
            self.refuse(line, (), f"holds more than {VALUES} values", "split it")
            raise TooMuch
        path, is_key = self._place()
        self._refuse_indirection(event, line, path)
        if is_key:
            self._take_key(event, line, path)
            return
        self.lines.setdefault(path, line)
        if isinstance(event, yaml.CollectionStartEvent):
            self._open(event, line, path)
        elif isinstance(event, yaml.ScalarEvent):
            self._put(self._scalar(event, line, path))
        else:
            self._put(None)
            self.trapped.add(path)

    def _place(self) -> tuple[Path, bool]:
        """Where the next node goes, and whether it is a key."""
        if not self.open:
            return (), False
        path, container = self.open[-1]
        if isinstance(container, list):
            return (*path, len(container)), False
        key = self.key[-1]
        return (path, True) if key is None else ((*path, key), False)

    def _refuse_indirection(self, event: yaml.NodeEvent, line: int, path: Path) -> None:
        if isinstance(event, yaml.AliasEvent):
            self.refuse(line, path, f"alias *{event.anchor} is refused", "write the value out")
        elif event.anchor:
            self.refuse(line, path, f"anchor &{event.anchor} is refused", "write the value out where it is needed")
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent) and event.tag:
            self.refuse(line, path, f"tag {event.tag} is refused", "write plain data")
            self.trapped.add(path)

    def _take_key(self, event: yaml.NodeEvent, line: int, path: Path) -> None:
        _, mapping = self.open[-1]
        if not isinstance(event, yaml.ScalarEvent):
            self.refuse(line, path, "a key is a text")
            raise TooMuch
        key = event.value
        if isinstance(mapping, dict) and key in mapping:
            first = self.lines[(*path, key)]
            self.refuse(line, path, f"duplicate key {key!r}", f"it stands first on line {first}")
        self.lines.setdefault((*path, key), line)
        self._refuse_unprintable(key, line, path)
        self.key[-1] = key

    def _open(self, event: yaml.CollectionStartEvent, line: int, path: Path) -> None:
        if len(self.open) >= DEPTH:
            self.refuse(line, (), f"nests deeper than {DEPTH} levels")
            raise TooMuch
        container: list[Json] | dict[str, Json] = [] if isinstance(event, yaml.SequenceStartEvent) else {}
        self._put(container)
        self.open.append((path, container))
        self.key.append(None)

    def _put(self, value: Json) -> None:
        if not self.open:
            self.root = value
            return
        _, container = self.open[-1]
        key = self.key[-1]
        if isinstance(container, list):
            container.append(value)
        elif key is not None:
            container.setdefault(key, value)
            self.key[-1] = None

    def _scalar(self, event: yaml.ScalarEvent, line: int, path: Path) -> Json:
        text: str = event.value
        self._refuse_unprintable(text, line, path)
        if event.style or event.tag:
            return text
        self.printed[path] = text
        if text in ("", "~", "null"):
            return None
        if text in ("true", "false"):
            return text == "true"
        if NUMBER.fullmatch(text):
            number = float(text) if set(text) & set(".eE") else int(text)
            if isfinite(number):
                return number
        for reading in _readings(text):
            self.refuse(line, path, f"found {_cut(text)}, which YAML reads as {reading}", f'quote it: "{_cut(text)}"')
            self.trapped.add(path)
        return text

    def _refuse_unprintable(self, text: str, line: int, path: Path) -> None:
        if found := UNPRINTABLE.search(text):
            self.refuse(line, path, f"holds the unprintable character U+{ord(found[0]):04X}")
            self.trapped.add(path)


def _readings(text: str) -> Iterator[str]:
    """What YAML 1.1 makes of a plain value that is neither a text nor a number as we write numbers."""
    resolvers = yaml.SafeLoader.yaml_implicit_resolvers
    for tag, pattern in [*resolvers.get(text[0], []), *resolvers.get(None, [])]:
        if pattern.match(text):
            kind = tag.rpartition(":")[2]
            yield READ_AS.get(kind) or _as_number(text)
            return
    if NUMBER.fullmatch(text) or re.fullmatch(r"[-+]?[0-9]{19,}", text):
        yield "a number out of range"


def _as_number(text: str) -> str:
    if len(text) > 40:
        return "a number"
    try:
        return f"the number {yaml.safe_load(text)}"
    except (yaml.YAMLError, ValueError, OverflowError):
        return "a number"


def _cut(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"
