"""A fence `stackdoc` as an author wrote it, and what a directive is: how it is written out and which keys it takes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from stackdoc.errors import did_you_mean
from stackdoc.render.html.page import Assets
from stackdoc.render.values.points import Location
from stackdoc.site.site import Site


@dataclass(frozen=True)
class Fence:
    """`subject` is the value of the directive, `options` the other keys, checked; `place_of` finds a key's line."""

    site: Site
    subject: object
    options: Mapping[str, object]
    places: Mapping[str, Location]
    directive: str
    assets: Assets | None

    @property
    def place(self) -> Location:
        return self.places[self.directive]

    def text(self, name: str) -> str:
        return str(self.options.get(name, ""))

    def flag(self, name: str) -> bool | None:
        value = self.options.get(name)
        return value if isinstance(value, bool) else None


@dataclass(frozen=True)
class Directive:
    """`options` are the further keys, each with the kinds of value it takes."""

    write: Callable[[Fence], Markup]
    options: Mapping[str, tuple[type, ...]] = field(default_factory=dict)
    lasting: bool = True  # False: it reads a file that is not part of the site


DRAWN: Mapping[str, tuple[type, ...]] = {  # the keys of every directive that may draw a figure
    **dict.fromkeys(("figure", "x", "quantity", "caption"), (str,)),
    **dict.fromkeys(("table", "log"), (bool,)),
}


def option_among(found: Fence, key: str, known: Collection[str]) -> str:
    """The value of a key that may be left out, one of those known."""
    value = found.text(key)
    if key in found.options and value not in known:
        raise found.places[key].refuse(f"unknown {key} {value!r}", did_you_mean(value, known))
    return value


def known_subject(found: Fence, known: Collection[str], word: str) -> str:
    name = str(found.subject)
    if name not in known:
        raise found.place.refuse(f"unknown {word} {name!r}", did_you_mean(name, known))
    return name
