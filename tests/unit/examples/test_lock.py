"""Hashes in a lock are checked when it is installed, and change nothing else about its environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackdoc.errors import Problem
from stackdoc.examples.environments import read_environments
from stackdoc.examples.lock import packages, parted, without_hashes, without_hashes_of
from tests.made.repository import ROOT

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64
PLAIN = "soup==1.0\n    # via stew\ntorch==2.13.0 ; python_version > '3'\n    # via soup\n"
HASHED = f"""\
soup==1.0 \\
    --hash={A} \\
    --hash={B}
    # via stew
torch==2.13.0 ; python_version > '3' \\
    --hash={A}
    # via soup
"""


def read(root: Path, text: str) -> tuple[str, tuple[str, ...]]:
    place = root / "examples/environments/thin"
    place.mkdir(parents=True, exist_ok=True)
    (place / "requirements.lock").write_text(text, "utf-8")
    problems: list[Problem] = []
    environment = read_environments(root, problems)["thin"]
    return environment.digest, environment.packages


@pytest.mark.case(79)
def test_an_environment_with_hashes_is_the_one_without(tmp_path: Path) -> None:
    assert without_hashes(HASHED) == PLAIN
    assert read(tmp_path, HASHED) == read(tmp_path, PLAIN)
    assert read(tmp_path, PLAIN)[1] == ("soup==1.0", "torch==2.13.0 ; python_version > '3'")


def test_what_has_hashes_is_installed_apart() -> None:
    mixed = without_hashes_of(["torch", "other"], HASHED)
    assert mixed.endswith("torch==2.13.0 ; python_version > '3'\n    # via soup\n")
    assert parted(mixed) == (f"soup==1.0 --hash={A} --hash={B}\n", "torch==2.13.0 ; python_version > '3'\n")
    assert parted(PLAIN)[0] == ""


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (f"a==1 \\\n    --hash={A}\nb>=1\n", 3, "'b>=1' names no single version"),
        ("a==1\nb==1 \\\n    --hash=sha256:12\n", 2, "'b==1' has a hash that is not a SHA-256 digest"),
        ("a==1 --hash=md5:" + "a" * 64, 1, "'a==1' has a hash that is not a SHA-256 digest"),
        ("# x\n\na b c\n", 3, "'a b c' is not a valid requirement"),
        ("a==1 \\", 1, ""),
    ],
)
def test_a_fault_is_named_by_its_line(text: str, line: int, message: str) -> None:
    problems: list[Problem] = []
    list(packages("x.lock", text, problems))
    assert [(problem.line, problem.message) for problem in problems] == ([(line, message)] if message else [])


@pytest.mark.case(79)
def test_every_package_of_the_locks_has_hashes_except_torch() -> None:
    locks = sorted(ROOT.glob("examples/environments/*/requirements.lock"))
    plain = {line for lock in locks for line in parted(lock.read_text("utf-8"))[1].splitlines()}
    assert locks
    assert {line.partition("==")[0] for line in plain} <= {"torch"}
