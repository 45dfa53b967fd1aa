"""Settings as text for a digest: equal texts mean equal settings, in every process."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from datetime import date
from enum import Enum
from pathlib import PurePath
from types import FunctionType

from pathspec import PathSpec

KNOWN_FUNCTIONS = re.compile(r"(markdown|pymdownx|material\.extensions|mkdocs)\.")  # they depend on their arguments


class Undescribable(Exception):
    """Raised for a value that has no text, such as an object of another plugin."""


def described(value: object) -> str:
    """Return the value as text. Raises Undescribable."""
    if value is None or isinstance(value, bool | int | float | str):
        return repr(value)
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, date):
        return f"{type(value).__name__} {value.isoformat()}"
    if isinstance(value, PurePath):
        return repr(str(value))
    if isinstance(value, Mapping):
        pairs = (f"{described(key)}: {described(value[key])}" for key in sorted(value, key=str))
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(described, value))}]"
    if isinstance(value, Set):
        return f"set of {sorted(map(described, value))}"
    if isinstance(value, PathSpec):
        return described([pattern.pattern for pattern in value.patterns])
    if isinstance(value, FunctionType | type) and KNOWN_FUNCTIONS.match(f"{value.__module__}."):
        return f"{value.__module__}.{value.__qualname__}"
    raise Undescribable(f"{type(value).__module__}.{type(value).__qualname__}")
