"""The shape of the code: direction of imports, size of files, what `import stackdoc` costs."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.made.repository import ROOT

PACKAGE = ROOT / "stackdoc"
SOURCES = sorted(PACKAGE.rglob("*.py"))

# What only one part of the package may import, and where that is.
ONLY = {
    "yaml": ("reading",),
    "pydantic": ("reading",),
    "pint": ("laws",),
    "scipy": (),
    "mkdocs": ("adapters",),
    "click": ("adapters",),
    "markdown": ("adapters",),
}


def imported(path: Path) -> set[str]:
    """The top-level names of every module that the file imports, wherever it does."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def imported_at_once(path: Path) -> set[str]:
    """The same, only what importing the file imports."""
    names: set[str] = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def test_imports_go_one_way() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    ended = subprocess.run([str(lint), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_keeps_to_its_libraries(path: Path) -> None:
    place = path.relative_to(PACKAGE)
    assert place.stem != "utils"
    names = imported(path)
    for name, places in ONLY.items():
        allowed = place.parts[0] in places or place.parts[0].removesuffix(".py") in places
        assert allowed or name not in names, f"{place} imports {name}, which belongs to {', '.join(places)}"
    assert "torch" not in imported_at_once(path), f"{place} imports torch before it is needed"


def test_functions_are_short() -> None:
    lengths = [
        (node.end_lineno or 0) - node.lineno + 1
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    long = sum(length > 25 for length in lengths)
    assert long <= len(lengths) * 0.05, f"{long} of {len(lengths)} functions have more than 25 lines"
    assert max(lengths) < 60


def test_a_house_has_few_rooms_and_a_room_few_files() -> None:
    rooms = {path.relative_to(PACKAGE).parts[0] for path in SOURCES}
    assert len(rooms) <= 20
    commands = PACKAGE / "adapters/cli"  # which has a file for each command, by its name
    counts = Counter(path.parent for path in SOURCES if path.name != "__init__.py" and path.parent != commands)
    crowded = {str(folder.relative_to(ROOT)): count for folder, count in counts.items() if count > 20}
    assert not crowded


def test_a_project_without_a_stack_never_imports_it(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from stackdoc.adapters.registered import load_site; "
        "import stackdoc.adapters.mkdocs.plugin, stackdoc.adapters.cli.check; load_site(Path(sys.argv[1])); "
        "print([name for name in sys.modules if name.startswith('stackdoc.stack')])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ended.stdout.strip() == "[]"


def test_importing_stackdoc_loads_nothing_heavy() -> None:
    heavy = ("torch", "numpy", "scipy", "yaml", "pydantic", "click", "rich", "mkdocs")
    code = f"import sys, stackdoc; print([name for name in {heavy!r} if name in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"


def test_importing_stackdoc_takes_under_50_ms_of_a_processor() -> None:
    """Not of the clock on the wall: other programs may want the processor too."""
    code = "import time; start = time.process_time(); import stackdoc; print(time.process_time() - start)"
    runs = [
        float(subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout)
        for _ in range(5)
    ]
    assert min(runs) < 0.05


HANDED_OUT = {"Finding"}  # whole, to other programs


def test_a_class_has_a_name_of_its_own() -> None:
    """Two classes of one name are two meanings of one word; those whose name begins with `_` are of one file."""
    names = Counter(
        node.name
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_the_level_of_intervals_is_defined_once() -> None:
    """No other file contains it, as a number or in a text; what a docstring quotes in backticks is an example."""
    typed = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in SOURCES
        if path.name != "interval.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and (node.value in (0.95, 0.975, 0.025) or re.search(r"9[05]\s?%", re.sub(r"`[^`]*`", "", str(node.value))))
    ]
    assert typed == []


def test_every_field_of_a_dataclass_is_read_somewhere() -> None:
    nodes = [node for path in SOURCES for node in ast.walk(ast.parse(path.read_text("utf-8")))]
    read = {node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)}
    read |= {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    unread = [
        f"{node.name}.{field.target.id}"
        for node in nodes
        if isinstance(node, ast.ClassDef) and any("dataclass" in ast.unparse(one) for one in node.decorator_list)
        for field in node.body
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and field.target.id not in read
        if node.name not in HANDED_OUT
    ]
    assert unread == []
