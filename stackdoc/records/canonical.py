"""Canonical JSON (RFC 8785): what has one meaning has one sequence of bytes, and so one hash."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import rfc8785

SAFE = 2**53 - 1  # whole numbers beyond it are not what every reader of JSON takes them for


def dumps(value: Any) -> bytes:
    """The bytes of the value. Raises ValueError for what has none: NaN, infinity, a lone surrogate, a large integer."""
    return _written(value).encode()


def _written(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, dict):
        return f"{{{','.join([f'{_leaf(key)}:{_written(value[key])}' for key in _ordered(tuple(value))])}}}"
    if isinstance(value, list | tuple):
        if set(map(type, value)) == {int} and min(value) >= -SAFE and max(value) <= SAFE:
            return f"[{','.join(map(str, value))}]"  # samples, which most of a record consists of
        return f"[{','.join(map(_written, value))}]"
    return _leaf(value) if isinstance(value, str) else rfc8785.dumps(value).decode()


@lru_cache(4096)
def _leaf(text: str) -> str:
    """A text in quotation marks; a record has few different ones, many times each."""
    return rfc8785.dumps(text).decode()


@lru_cache(4096)
def _ordered(keys: tuple[str, ...]) -> tuple[str, ...]:
    """Members stand in the order of the UTF-16 code units of their names."""
    if not all(isinstance(key, str) for key in keys):
        raise ValueError("a key is no text")
    return tuple(sorted(keys, key=lambda key: key.encode("utf-16-be", "surrogatepass")))
