"""What a script without a list of dependencies needs: the packages it imports."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path


def packages_imported(tree: ast.Module, home: Path) -> list[str]:
    """The distributions of the modules that a script in `home` imports, sorted.

    A module that is nowhere is named as it is, if the script can't do without it: an import at the top level.
    """
    needed = set() if _changes_path(tree) else {name for node in tree.body for name in _imported(node)}
    found = set[str]()
    for name in set(_imports(tree)) - {"stackdoc", "__future__"}:
        if name in sys.stdlib_module_names or (home / f"{name}.py").exists() or (home / name).is_dir():
            continue
        if known := _distributions().get(name):
            found.add(sorted(known, key=lambda one: (one.lower().replace("-", "_") != name.lower(), one))[0])
        elif name in needed and not importable(name):
            found.add(name)
    return sorted(found)


def _changes_path(tree: ast.Module) -> bool:
    """Whether the script mentions `sys.path`, so that nobody else knows where it finds its modules."""
    attributes = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "path")
    return any(isinstance(node.value, ast.Name) and node.value.id == "sys" for node in attributes)


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        yield from _imported(node)


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module.partition(".")[0]


@cache
def _distributions() -> Mapping[str, Sequence[str]]:
    return packages_distributions()


def importable(name: str, outside: Path | None = None) -> bool:
    """Whether `import name` finds something; with `outside`, something that is not below it."""
    if name in sys.stdlib_module_names:
        return True
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        return False
    if outside is None:
        return spec is not None
    return spec is not None and spec.origin is not None and not Path(spec.origin).is_relative_to(outside)
