"""The architecture as tables: the rooms of the package, their modules, and the way through them."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from stackdoc.render.html import document
from stackdoc.render.html.element import element, join
from stackdoc.render.html.tables import NONE, table
from stackdoc.stack.architecture.code import PACKAGE, Module, modules, summary_of


def rooms() -> Markup:
    """A row for each folder directly below the package: what it is for, and which rooms it imports from."""
    named = {module.room for module in modules() if module.room}
    rows = [
        [
            element("code", f"{room}/"),
            summary_of(f"{PACKAGE}.{room}"),
            join([element("code", other) for other in _imports(room) if other in named], ", ") or NONE,
        ]
        for room in sorted(named, key=lambda room: (-len(_imports(room)), room))
    ]
    heads = [("room", False), ("what is in it", False), ("imports from", False)]
    return table(heads, rows, "Rooms of the package, those that import most first.", stacked=True)


def every_module() -> Markup:
    """The modules of each room, one fold a room."""
    found = sorted({module.room for module in modules()})
    return join([_fold(room, [module for module in modules() if module.room == room]) for room in found])


def way(names: Iterable[str]) -> Markup:
    """The steps of a way through the package, each a function or class. Raises KeyError for an unknown name."""
    steps = [element("li", element("code", name), ": ", summary_of(name)) for name in names]
    return element("ol", *steps)


def _imports(room: str) -> list[str]:
    return sorted({other for module in modules() if module.room == room for other in module.imports})


def _fold(room: str, members: list[Module]) -> Markup:
    rows = [
        (element("code", module.name), module.summary) for module in members if module.name.count(".") != 1 or not room
    ]
    title = f"{room}/ ({len(rows)} modules)" if room else f"beside the rooms ({len(rows)} modules)"
    return element("details", element("summary", title), document.definitions(rows))
