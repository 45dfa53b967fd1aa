"""Reads the redirects of pages that moved."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stackdoc.errors import Problem
from stackdoc.project import Layout
from stackdoc.reading.collections import read_list

PATTERNS = {"old": re.compile(r"/(\w[\w.-]*/)+"), "new": re.compile(r"/(\w[\w.-]*/)+(#[^\s#]+)?")}


@dataclass(frozen=True)
class Redirect:
    """`old` and `new` are addresses relative to the root of the site (`/layers/old/`); `new` may have an anchor."""

    old: str
    new: str


def read_redirects(layout: Layout, problems: list[Problem]) -> tuple[Redirect, ...]:
    """Return the redirects. Each old address must be unique, and no target may be redirected itself."""
    redirects = read_list(layout, "redirects", Redirect, problems)
    moved = [redirect.old for redirect in redirects.values]
    for entry, redirect in redirects.entries:
        for key, pattern in PATTERNS.items():
            address = str(getattr(redirect, key))
            if not pattern.fullmatch(address):
                message = f"{address[:60]!r} is not an address within the site"
                problems.append(entry.problem((key,), message, "write /layers/name/, from the root of the site"))
        if moved.count(redirect.old) > 1:
            problems.append(entry.problem(("old",), f"{redirect.old[:60]!r} is redirected twice"))
        if redirect.new.partition("#")[0] in moved:
            problems.append(entry.problem(("new",), f"{redirect.new[:60]!r} has moved too", "name its new address"))
    return redirects.values
