"""A page that moved: its old address leads to the new one for ever."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Redirect:
    """`old` and `new` are addresses from the root of the site, such as `/layers/old/`; `new` may have an anchor."""

    old: str
    new: str
