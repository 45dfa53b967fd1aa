"""What a field of a stored type declares in its metadata: that it is left out if unknown, and its possible range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any

OPTIONAL = {"optional": True}  # a record leaves the field out if its value is None, as older records do
COUNT = {"possible": (0, 2**53 - 1)}  # many JSON parsers change larger integers
PERCENT = {"possible": (0, 100)}


@cache
def optional_fields(kind: type[Any]) -> tuple[str, ...]:
    """Return the fields of the dataclass that are left out if unknown."""
    return tuple(member.name for member in fields(kind) if member.metadata.get("optional"))


@cache
def possible_values(kind: type[Any]) -> Mapping[str, tuple[float, float]]:
    """Return the range of each field of the dataclass that declares one."""
    return {member.name: member.metadata["possible"] for member in fields(kind) if "possible" in member.metadata}
