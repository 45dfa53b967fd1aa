"""The pages that name files and functions for somebody who changes the code: each of them exists."""

from __future__ import annotations

import re

import pytest

from stackdoc.stack.architecture.page import steps
from tests.made.repository import ROOT

ROWS = [row for row in (ROOT / "docs/project/changes.md").read_text("utf-8").splitlines() if row.startswith("| a")]
FILE = re.compile(r"`((?:docs|examples|stackdoc)/[\w./<>-]+\.\w+)`")


def row_names() -> list[str]:
    return [row.split("|")[1].strip() for row in ROWS]


@pytest.mark.parametrize("row", ROWS, ids=row_names())
def test_the_files_of_a_change_exist(row: str) -> None:
    paths = FILE.findall(row)
    assert paths, row
    for path in paths:
        assert list(ROOT.glob(re.sub(r"<\w+>", "*", path))), f"{path} does not exist"


@pytest.mark.parametrize("row", ROWS, ids=row_names())
def test_the_tables_and_fields_that_a_change_names_are_in_its_files(row: str) -> None:
    files = [path for path in FILE.findall(row) if "<" not in path and path.startswith("stackdoc/")]
    code = "".join((ROOT / path).read_text("utf-8") for path in files)
    for name in re.findall(r"`([A-Z]\w+|\w+_interval)`", row):
        assert re.search(rf"^(?:class |def )?{name}\b", code, re.MULTILINE), f"{name} is not in {', '.join(files)}"


def test_a_dozen_changes_name_few_files() -> None:
    assert len(ROWS) >= 12
    assert max(len(FILE.findall(row)) for row in ROWS) <= 4  # another generator uses three files and adds one


def test_the_steps_of_the_architecture_exist() -> None:
    names = re.findall(
        r"^  - (stackdoc\.\S+)$", (ROOT / "docs/project/architecture.md").read_text("utf-8"), re.MULTILINE
    )
    assert names
    steps(names)  # raises KeyError for a name that is not in the package
