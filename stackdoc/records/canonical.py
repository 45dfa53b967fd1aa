"""Canonical JSON (RFC 8785): equal values have the same bytes, and so the same hash."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import rfc8785

SAFE = 2**53 - 1  # many JSON parsers change larger integers


def dumps(value: Any) -> bytes:
    """Return the canonical bytes. Raises ValueError for NaN, infinity, a lone surrogate or an integer beyond SAFE."""
    return _serialised(value).encode()


def _serialised(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, dict):
        return f"{{{','.join([f'{_quoted(key)}:{_serialised(value[key])}' for key in _ordered(tuple(value))])}}}"
    if isinstance(value, list | tuple):
        if set(map(type, value)) == {int} and min(value) >= -SAFE and max(value) <= SAFE:
            return f"[{','.join(map(str, value))}]"  # samples, most of a record
        return f"[{','.join(map(_serialised, value))}]"
    return _quoted(value) if isinstance(value, str) else rfc8785.dumps(value).decode()


@lru_cache(4096)
def _quoted(text: str) -> str:
    """Return the text as a JSON string; cached, since a record repeats few texts many times."""
    return rfc8785.dumps(text).decode()


@lru_cache(4096)
def _ordered(keys: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys in the order of their UTF-16 code units."""
    if not all(isinstance(key, str) for key in keys):
        raise ValueError("a key is not a string")
    return tuple(sorted(keys, key=lambda key: key.encode("utf-16-be", "surrogatepass")))
