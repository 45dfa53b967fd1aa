"""Roles in running text: {measured}, {verdict}, {fact}, {cite}."""

from __future__ import annotations

from stackdoc.site import Site

ROLES = ("measured", "verdict", "fact", "cite")


def role(site: Site, name: str, text: str, file: str, line: int) -> str:
    """The inline HTML for a role. Raises StackdocError with file, line and the nearest known word."""
    raise NotImplementedError
