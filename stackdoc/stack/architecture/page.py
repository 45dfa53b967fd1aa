"""Render the architecture: the subpackages, their modules, and the steps through them."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from stackdoc.render.html import document
from stackdoc.render.html.element import element, join
from stackdoc.render.html.tables import NONE, table
from stackdoc.stack.architecture.code import PACKAGE, Module, modules, summary_of


def packages() -> Markup:
    """Tabulate the subpackages of stackdoc: what each contains and which others it imports from."""
    names = {module.package for module in modules() if module.package}
    rows = [
        [
            element("code", f"{package}/"),
            summary_of(f"{PACKAGE}.{package}"),
            join([element("code", other) for other in _imports(package) if other in names], ", ") or NONE,
        ]
        for package in sorted(names, key=lambda package: (-len(_imports(package)), package))
    ]
    heads = [("package", False), ("contents", False), ("imports from", False)]
    return table(heads, rows, "Subpackages, those that import most first.", stacked=True)


def every_module() -> Markup:
    """List the modules of each subpackage, folded."""
    names = sorted({module.package for module in modules()})
    return join([_fold(package, [module for module in modules() if module.package == package]) for package in names])


def steps(names: Iterable[str]) -> Markup:
    """List functions and classes as steps. Raises KeyError for an unknown name."""
    items = [element("li", element("code", name), ": ", summary_of(name)) for name in names]
    return element("ol", *items)


def _imports(package: str) -> list[str]:
    return sorted({other for module in modules() if module.package == package for other in module.imports})


def _fold(package: str, members: list[Module]) -> Markup:
    rows = [
        (element("code", module.name), module.summary)
        for module in members
        if module.name.count(".") != 1 or not package
    ]
    title = f"{package}/ ({len(rows)} modules)" if package else f"top level ({len(rows)} modules)"
    return element("details", element("summary", title), document.definitions(rows))
