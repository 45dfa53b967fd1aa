"""Examples as they are read: header, cells, closure and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stackdoc.errors import Problem, StackdocError
from stackdoc.examples.read import read_example, read_examples
from stackdoc.examples.source_digest import essence
from stackdoc.model.record import Record
from stackdoc.records.read import decode_record
from stackdoc.records.store import file_content
from tests.made.project import EXAMPLE, make_project
from tests.made.records import made_record

PATH = "examples/pot/boiling.py"


def faults(root: Path, text: str, name: str = "boiling") -> list[str]:
    path = root / f"examples/pot/{name}.py"
    path.write_text(text, "utf-8")
    with pytest.raises(StackdocError) as caught:
        read_example(root, path.relative_to(root).as_posix())
    return [str(problem).removeprefix(f"examples/pot/{name}.py:") for problem in caught.value.problems]


def test_an_example_is_its_header_its_docstring_and_its_cells(tmp_path: Path) -> None:
    example = read_example(make_project(tmp_path), PATH)
    assert (example.id, example.layer, example.title) == ("pot/boiling", "pot", "How long it boils")
    assert (example.summary, example.claims, example.dependencies) == ("Boils water.", ("it-boils",), ("stackdoc",))
    assert (example.devices, example.launches, example.budget_seconds, example.roofs) == (("cpu",), 0, 60.0, False)
    assert [(cell.kind, cell.source, cell.line) for cell in example.cells] == [
        ("code", "import helper", 15),
        ("markdown", "What comes next.", 18),
        ("code", "helper.boil()", 21),
    ]


def test_cells_say_at_which_line_of_the_script_they_start(tmp_path: Path) -> None:
    example = read_example(make_project(tmp_path), PATH)
    lines = example.source.splitlines()
    for cell in example.cells:
        assert lines[cell.line - 1].endswith(cell.source.splitlines()[0])


def test_what_no_reader_sees_does_not_matter(tmp_path: Path) -> None:
    boiling = EXAMPLE.replace("# /// script\n", "# /// script \n").replace("# ///\n", "# ///\t\n")
    assert boiling.count(" \n") + boiling.count("\t\n") == 2
    root = make_project(tmp_path)
    plain = read_example(root, PATH)
    (root / PATH).write_text(boiling, "utf-8-sig")
    (root / "examples/pot/helper.py").write_text("def boil(): ...\n", "utf-8-sig")
    example = read_example(root, PATH)
    assert (example.title, example.cells) == (plain.title, plain.cells)


def test_code_before_the_first_mark_is_a_cell(tmp_path: Path) -> None:
    root = make_project(tmp_path, boiling=EXAMPLE.replace("# %%\nimport helper", "import helper"))
    assert read_example(root, PATH).cells[0].source == "import helper"


def test_the_digest_follows_the_content_of_all_it_is_made_of_and_nothing_else(tmp_path: Path) -> None:
    boiling = EXAMPLE.replace("# claims", '# data = ["docs/data/facts.yml"]\n# claims').replace(
        "import helper", "import helper, json"
    )
    root = make_project(tmp_path, boiling=boiling)
    (root / "examples/pot/helper.py").write_text("from spoons import table\ndef boil(): ...\n", "utf-8")
    (root / "examples/pot/spoons").mkdir()
    for name in ("__init__", "table", "unused"):
        (root / f"examples/pot/spoons/{name}.py").write_text("", "utf-8")
    (root / "examples/pot/spoons/table.py").write_text("from . import leaf\n", "utf-8")
    (root / "examples/pot/spoons/leaf.py").write_text("import boiling\n", "utf-8")  # a circle
    example = read_example(root, PATH)
    names = ["boiling.py", "helper.py", "spoons/__init__.py", "spoons/leaf.py", "spoons/table.py"]
    paths = ["docs/data/facts.yml", *(f"examples/pot/{name}" for name in names)]
    assert [path for path, _ in example.closure] == paths
    for path in paths:
        before = read_example(root, PATH).digest
        (root / path).write_text((root / path).read_text("utf-8") + "\nchanged = 1\n", "utf-8")
        assert read_example(root, PATH).digest != before, path
    now = read_example(root, PATH).digest
    (root / "examples/pot/spoons/unused.py").write_text("# changed", "utf-8")
    (root / PATH).touch()
    assert read_example(root, PATH).digest == now


WORDS = '''\
"""What it is."""

import math  # the library

TEXT = """
# no comment
"""


def area(radius: float) -> float:
    """Of a circle."""
    return math.pi * radius**2  # a "formula"
'''


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("What it is.", "What it was.", True),
        ("  # the library", "", True),
        ("Of a circle.", "Of a circle,\n    in square metres.", True),
        ("\n\n\n", "\n\n\n\n# apart\n\n", True),
        ("**2", "**3", False),
        ("# no comment", "# other text", False),
        ("TEXT = ", "TEXT =\\\n", False),
        ("def area", "# %%\ndef area", False),
        ('"""Of', 'x = """Of', False),
    ],
)
def test_only_what_decides_what_a_script_does_makes_its_essence(old: str, new: str, same: bool) -> None:
    assert old in WORDS
    assert (essence(WORDS.replace(old, new)) == essence(WORDS)) is same


def test_a_docstring_that_is_read_counts_and_a_title_does_not(tmp_path: Path) -> None:
    root = make_project(tmp_path)
    before = read_example(root, PATH).digest
    for old, new, same in [
        ("How long it boils", "How it boils", True),
        ("Boils water.", "Boils milk.", True),
        ("# What comes next.", "# What comes after.", True),
        ("# title", "# launches = 3\n# title", False),
        ("helper.boil()", "helper.boil(__doc__)", False),
    ]:
        (root / PATH).write_text(EXAMPLE.replace(old, new), "utf-8")
        assert (read_example(root, PATH).digest == before) is same, new
    assert essence('"""A."""\nprint(__doc__)') != essence('"""B."""\nprint(__doc__)')


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("# /// script", "# no header", "1: has no script header (PEP 723); start it with # /// script … # ///"),
        ('# layer = "pot"', "# layer = pot", "5: header is not TOML: Invalid value"),
        (
            '# layer = "pot"',
            '# layer = "pot"\n# divices = ["cpu"]',
            "6: divices: unknown key 'divices'; did you mean 'devices'?",
        ),
        ("# [tool", '# licence = "x"\n# [tool', "4: licence: unknown key 'licence'"),
        ('# layer = "pot"', "# layer = 3", "5: layer: found 3"),
        ('["stackdoc"]', '["stackdoc", "torch >> 2"]', "3: dependencies[1]: 'torch >> 2' is no requirement"),
        ('["stackdoc"]', '"stackdoc"', "3: dependencies: a list is expected"),
        (">=3.11", "3.11 or so", "2: requires-python: '3.11 or so' is no version specifier"),
        (
            "# claims",
            '# devices = ["cpu"]\n# needs = ["c++", "cuda: cuda-compiler"]\n# claims',
            "8: needs: 'cuda: cuda-compiler' is for a device that the example does not have; its devices: cpu",
        ),
        ("# claims", '# devices = ["gpu"]\n# claims', "7: devices: unknown device 'gpu'; known: cpu, cuda"),
        ("# claims", '# profiles = ["fast"]\n# claims', "7: profiles: unknown profile 'fast'; known: quick, full"),
        ("# claims", "# profiles = []\n# claims", "7: profiles: is empty; known: quick, full"),
        ("# claims", "# budget_seconds = 0\n# claims", "7: budget_seconds: found 0; more than 0 is expected"),
        ("# claims", '# data = ["../secret"]\n# claims', "7: data: '../secret' is outside the project"),
        ("# claims", '# data = ["/etc/passwd"]\n# claims', "7: data: '/etc/passwd' is outside the project"),
        ("# claims", '# data = ["water.csv"]\n# claims', "7: data: 'water.csv' is not a file"),
        ("# claims", '# environment = "llm"\n# claims', "7: environment: unknown environment 'llm'"),
        ("# claims", '# title = "again"\n# claims', "7: header is not TOML: Cannot overwrite a value"),
        ("import helper\n", "import helper\n# /// script\n# a = 1\n# ///\n", "1: has two script headers"),
    ],
)
def test_a_fault_of_the_header_is_named_with_its_line(tmp_path: Path, old: str, new: str, problem: str) -> None:
    assert old in EXAMPLE
    assert any(problem in found for found in faults(make_project(tmp_path), EXAMPLE.replace(old, new, 1)))


@pytest.mark.parametrize("name", ["json", "stackdoc", "numpy", "boil water"])
def test_a_name_that_would_hide_a_module_or_is_none_is_refused(tmp_path: Path, name: str) -> None:
    (found,) = faults(make_project(tmp_path), EXAMPLE, name)
    assert "rename it" in found or "is no name for an example" in found


def test_only_one_example_gives_the_roofs(tmp_path: Path) -> None:
    root = make_project(tmp_path, boiling=EXAMPLE.replace("# claims", "# roofs = true\n# claims"))
    (root / "examples/pot/again.py").write_text((root / PATH).read_text("utf-8"), "utf-8")
    problems: list[Problem] = []
    read_examples(root, problems)
    assert [str(problem) for problem in problems] == [
        "examples/pot/boiling.py: roofs: stands in examples/pot/again.py too; one example has the roofs"
    ]


@pytest.mark.case(54)
def test_an_example_that_leads_out_of_the_project_is_refused(tmp_path: Path) -> None:
    root = make_project(tmp_path / "in")
    (tmp_path / "outside.py").write_text(EXAMPLE, "utf-8")
    (root / "examples/pot/link.py").symlink_to(tmp_path / "outside.py")
    with pytest.raises(StackdocError, match="leads out of the project"):
        read_example(root, "examples/pot/link.py")


def test_a_record_is_read_back_as_it_was_and_nothing_else_is_taken() -> None:
    record = made_record()
    fields = file_content(record).decode()

    def read(text: str) -> Record:
        return decode_record(json.loads(text), "r.json")

    assert read(fields) == record
    with pytest.raises(StackdocError, match=r"r.json: lacks 'schema'"):
        decode_record({"id": "x"}, "r.json")
    with pytest.raises(StackdocError, match=r"r.json: machine.cores: found 2.5; a whole number is expected"):
        read(fields.replace('"cores":2,', '"cores":2.5,'))
    with pytest.raises(StackdocError, match=r"r.json: serial: unknown key 'serial'"):
        read('{"serial": 1,' + fields[1:])


def test_only_line_feeds_count_as_lines(tmp_path: Path) -> None:
    first = 'page = "\x0c"  # a form feed, \u2028 and a line separator'
    boiling = EXAMPLE.replace("import helper", f"{first}\nimport helper")
    example = read_example(make_project(tmp_path, boiling=boiling), PATH)
    assert [cell.line for cell in example.cells] == [15, 19, 22]
    with_returns = boiling.replace("\n", "\r\n")
    (tmp_path / PATH).write_text(with_returns, "utf-8", newline="")
    assert read_example(tmp_path, PATH).cells == example.cells
