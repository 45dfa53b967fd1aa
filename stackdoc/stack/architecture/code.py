"""The modules of the package with the first sentence of their docstrings, read from their source."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PACKAGE = "stackdoc"


@dataclass(frozen=True)
class Module:
    """`name` is dotted, `room` the folder below the package (empty: none); `imports` are the rooms it imports from."""

    name: str
    room: str
    summary: str
    imports: frozenset[str]


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the package, in the order of their names; a folder has the name and summary of its own."""
    root = Path(__file__).parents[2]
    names = ((path, _dotted(path.relative_to(root.parent))) for path in root.rglob("*.py"))
    return tuple(_module(path, name) for path, name in sorted(names, key=lambda pair: pair[1]))


def summary_of(name: str) -> str:
    """The first sentence of the docstring of a module, class or function by its full dotted name; raises KeyError."""
    by_name = {module.name: module for module in modules()}
    if name in by_name:
        return by_name[name].summary
    owner, _, own = name.rpartition(".")
    if owner not in by_name:
        raise KeyError(name)
    root = Path(__file__).parents[3]
    path = root.joinpath(*owner.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == own:
            return _first_sentence(node)
    raise KeyError(name)


def _dotted(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _module(path: Path, name: str) -> Module:
    tree = ast.parse(path.read_text("utf-8"))
    room = _room(name) if path.name == "__init__.py" or name.count(".") > 1 else ""
    return Module(name, room, _first_sentence(tree), frozenset(_imported(tree)) - {room, ""})


def _room(name: str) -> str:
    """`run` of `stackdoc.run.process.task`; empty for the modules beside the rooms."""
    return name.split(".")[1] if "." in name else ""


def _imported(tree: ast.Module) -> set[str]:
    """The rooms that the module imports from, inside functions too."""
    froms = (node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module)
    return {_room(name) for name in froms if name.split(".")[0] == PACKAGE}


def _first_sentence(node: ast.Module | ast.ClassDef | ast.FunctionDef) -> str:
    """Up to the first full stop that ends a sentence, on one line."""
    text = " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split())
    return text if ". " not in text else text[: text.index(". ") + 1]
