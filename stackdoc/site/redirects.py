"""Pages that moved: each old address leads to the new one for ever."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stackdoc.errors import Problem
from stackdoc.project import Layout
from stackdoc.reading.collections import read_list


@dataclass(frozen=True)
class Redirect:
    """`old` and `new` are addresses from the root of the site, such as `/layers/old/`; `new` may have an anchor."""

    old: str
    new: str


def read_redirects(layout: Layout, problems: list[Problem]) -> tuple[Redirect, ...]:
    """The moved pages; each old address once, none leading to another that moved."""
    redirects = read_list(layout, "redirects", Redirect, problems)
    old = [one.old for one in redirects.values]
    for entry, one in redirects.entries:
        for key in ("old", "new"):
            if not re.fullmatch(r"/(\w[\w.-]*/)+" + ("(#[^\\s#]+)?" if key == "new" else ""), str(getattr(one, key))):
                hint = "write /layers/name/, from the root of the site"
                problems.append(entry.problem((key,), f"{getattr(one, key)[:60]!r} is no address", hint))
        if old.count(one.old) > 1:
            problems.append(entry.problem(("old",), f"{one.old[:60]!r} is redirected twice"))
        if one.new.partition("#")[0] in old:
            problems.append(entry.problem(("new",), f"{one.new[:60]!r} has moved too", "lead to where it is"))
    return redirects.values
