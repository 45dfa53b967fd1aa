"""Types of a `stackdoc` fence: the parsed fence, and the directive that renders it."""

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
    """A parsed fence: `subject` is the value of the directive, `options` the other keys, `places` where each key is."""

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
    """A directive: how to render its fence, and its `options`, each with the types it accepts."""

    write: Callable[[Fence], Markup]
    options: Mapping[str, tuple[type, ...]] = field(default_factory=dict)
    cacheable: bool = True  # False: it depends on a file outside the site


FIGURE_OPTIONS: Mapping[str, tuple[type, ...]] = {  # the keys of every directive that may draw a figure
    **dict.fromkeys(("figure", "x", "quantity", "caption"), (str,)),
    **dict.fromkeys(("table", "log"), (bool,)),
    "title": (str, dict),
}


def option_among(fence: Fence, key: str, known: Collection[str]) -> str:
    """Return the value of an optional key, which must be one of those known."""
    value = fence.text(key)
    if key in fence.options and value not in known:
        raise fence.places[key].refuse(f"unknown {key} {value!r}", did_you_mean(value, known))
    return value


def figure_titles(fence: Fence, outcomes: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Return the option `title`: one sentence under "", or one for each outcome; the last of these is required."""
    given, place = fence.options.get("title", {}), fence.places.get("title", fence.place)
    if isinstance(given, str):
        return (("", given),)
    titles = {str(key): str(words).strip() for key, words in given.items()} if isinstance(given, dict) else {}
    *_, otherwise = outcomes
    for key, words in titles.items():
        if key not in outcomes:
            raise place.refuse(f"unknown outcome {key!r}", did_you_mean(key, outcomes) or ", ".join(outcomes))
        if not words:
            raise place.refuse(f"the title for {key!r} is empty", "write a sentence")
    if titles and otherwise not in titles:
        raise place.refuse(f"lacks a title for {otherwise!r}", "a build on another machine may need it")
    return tuple(titles.items())


def known_subject(fence: Fence, known: Collection[str], noun: str) -> str:
    """Return the subject, which must be one of those known; `noun` names its kind in the error."""
    name = str(fence.subject)
    if name not in known:
        raise fence.place.refuse(f"unknown {noun} {name!r}", did_you_mean(name, known))
    return name
