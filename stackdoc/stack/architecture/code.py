"""Read the modules of stackdoc and the first sentence of their docstrings."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PACKAGE = "stackdoc"


@dataclass(frozen=True)
class Module:
    """A module of stackdoc.

    `name` is dotted, `package` the subpackage directly below `stackdoc` or empty; `imports` are the subpackages that
    it imports from.
    """

    name: str
    package: str
    summary: str
    imports: frozenset[str]


@cache
def modules() -> tuple[Module, ...]:
    """Return every module by name; a package is the module of its `__init__.py`."""
    root = Path(__file__).parents[2]
    names = ((path, _dotted(path.relative_to(root.parent))) for path in root.rglob("*.py"))
    return tuple(_module(path, name) for path, name in sorted(names, key=lambda pair: pair[1]))


def summary_of(name: str) -> str:
    """Return the first sentence of the docstring of a module, class or function by its dotted name.

    Raises KeyError for an unknown name.
    """
    by_name = {module.name: module for module in modules()}
    if name in by_name:
        return by_name[name].summary
    owner, _, member = name.rpartition(".")
    if owner not in by_name:
        raise KeyError(name)
    root = Path(__file__).parents[3]
    path = root.joinpath(*owner.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == member:
            return _first_sentence(node)
    raise KeyError(name)


def _dotted(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _module(path: Path, name: str) -> Module:
    tree = ast.parse(path.read_text("utf-8"))
    package = _package(name) if path.name == "__init__.py" or name.count(".") > 1 else ""
    return Module(name, package, _first_sentence(tree), frozenset(_imported(tree)) - {package, ""})


def _package(name: str) -> str:
    """Return `run` for `stackdoc.run.process.task`; empty for a top-level module."""
    return name.split(".")[1] if "." in name else ""


def _imported(tree: ast.Module) -> set[str]:
    """Return the subpackages that the module imports from, also within functions."""
    froms = (node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module)
    return {_package(name) for name in froms if name.split(".")[0] == PACKAGE}


def _first_sentence(node: ast.Module | ast.ClassDef | ast.FunctionDef) -> str:
    """Return the docstring up to the end of its first sentence, on one line."""
    text = " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split())
    return text if ". " not in text else text[: text.index(". ") + 1]
