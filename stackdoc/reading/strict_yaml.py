"""A strict YAML parser: plain data only, each value as it is written, every fault with its line.

It refuses what surprises or explodes: duplicate keys, anchors and aliases, tags, several documents, deep nesting,
unprintable characters, and plain values that YAML 1.1 reads as something else than they look like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import isfinite

import yaml

from stackdoc.errors import HARMFUL, Problem
from stackdoc.reading.document import Document, Json, Path, where

MOST_LEVELS = 50
MOST_VALUES = 50_000
MOST_PROBLEMS = 100  # of one file; a hostile one could have as many as it has bytes
NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?([eE][-+]?[0-9]{1,3})?")
READ_AS = {"bool": "true or false", "null": "nothing", "timestamp": "a date", "merge": "a merge", "value": "a default"}


class TooMuch(Exception):
    """A limit is reached: the rest of the file is not read."""


def parse(file: str, text: str, problems: list[Problem], most_values: int = MOST_VALUES) -> Document | None:
    """Return the document and report its faults in `problems`; None if it is empty or not YAML."""
    reader = _Reader(file, most_values)
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
    return Document(file, reader.root, reader.lines, reader.printed, frozenset(reader.rejected))


def _line_of_unprintable(text: str) -> int:
    match = HARMFUL.search(text)
    return text.count("\n", 0, match.start()) + 1 if match else 0


class _Reader:
    """Builds plain data from events without recursion."""

    def __init__(self, file: str, most_values: int) -> None:
        self.file = file
        self.most_values = most_values
        self.problems: list[Problem] = []
        self.root: Json = None
        self.started = self.broken = False
        self.lines: dict[Path, int] = {}
        self.printed: dict[Path, str] = {}
        self.rejected: set[Path] = set()
        self.open: list[tuple[Path, list[Json] | dict[str, Json]]] = []
        self.key: list[str | None] = []  # for each open container, the key whose value comes next
        self.count = 0
        self.documents = 0

    def refuse(self, line: int, path: Path, message: str, hint: str = "") -> None:
        self.problems.append(Problem(self.file, line, where(path), message, hint))
        if len(self.problems) >= MOST_PROBLEMS:
            message = f"has {MOST_PROBLEMS} problems or more"
            self.problems.append(Problem(self.file, 0, "", message, "the rest was not read"))
            raise TooMuch

    def take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self.refuse(line, (), "contains a second document", "one file, one document")
                raise TooMuch
        elif isinstance(event, yaml.CollectionEndEvent):
            self.open.pop()
            self.key.pop()
        elif isinstance(event, yaml.NodeEvent):
            self._node(event, line)

    def _node(self, event: yaml.NodeEvent, line: int) -> None:
        self.started = True
        self.count += 1
        if self.count > self.most_values:
            self.refuse(line, (), f"contains more than {self.most_values} values", "split it")
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
            self.rejected.add(path)

    def _place(self) -> tuple[Path, bool]:
        """Return the path of the next node, and whether the node is a key."""
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
            self.rejected.add(path)

    def _take_key(self, event: yaml.NodeEvent, line: int, path: Path) -> None:
        _, mapping = self.open[-1]
        if not isinstance(event, yaml.ScalarEvent):
            self.refuse(line, path, "a key must be text")
            raise TooMuch
        key = event.value
        if isinstance(mapping, dict) and key in mapping:
            first = self.lines[(*path, key)]
            self.refuse(line, path, f"duplicate key {key!r}", f"first defined on line {first}")
        self.lines.setdefault((*path, key), line)
        self._refuse_unprintable(key, line, path)
        self.key[-1] = key

    def _open(self, event: yaml.CollectionStartEvent, line: int, path: Path) -> None:
        if len(self.open) >= MOST_LEVELS:
            self.refuse(line, (), f"nests deeper than {MOST_LEVELS} levels")
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
            self.rejected.add(path)
        return text

    def _refuse_unprintable(self, text: str, line: int, path: Path) -> None:
        if match := HARMFUL.search(text):
            self.refuse(line, path, f"contains the unprintable character U+{ord(match[0]):04X}")
            self.rejected.add(path)


def _readings(text: str) -> Iterator[str]:
    """Yield what YAML 1.1 reads a plain value as, if that is neither text nor a number in our notation."""

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
