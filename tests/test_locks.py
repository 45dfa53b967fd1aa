"""The locks have all that the package asks for, each version once, and the hashes of its files."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from itertools import pairwise

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from stackdoc.errors import Problem
from stackdoc.examples.lock import packages, parted
from tests.made.repository import ROOT

EXTRAS = ("mkdocs", "handbook", "test", "dev")  # each has all of the one before
MACHINES = {"torch"}  # whose build the machine decides: see decision 31

pytestmark = pytest.mark.case(79)


def text_of(name: str) -> str:
    return (ROOT / f"locks/{name}.txt").read_text("utf-8")


def locked(name: str) -> list[Requirement]:
    problems: list[Problem] = []
    found = [Requirement(line) for line in packages(name, text_of(name), problems)]
    assert problems == []
    return found


def wanted(extra: str) -> Iterator[Requirement]:
    """Yield the requirements of an extra and of those that it includes."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    todo, lists = [extra], {**project["optional-dependencies"], "": project["dependencies"]}
    while todo:
        for text in (*lists[todo.pop()], *(project["dependencies"] if extra else ())):
            requirement = Requirement(text)
            if requirement.name == "stackdoc":
                todo += requirement.extras
            else:
                yield requirement


@pytest.mark.parametrize("extra", EXTRAS)
def test_a_lock_has_all_that_its_extra_asks_for(extra: str) -> None:
    versions = {canonicalize_name(one.name): next(iter(one.specifier)).version for one in locked(extra)}
    wrong = {
        str(one)
        for one in wanted(extra)
        if one.name not in MACHINES
        and not one.marker
        and not one.specifier.contains(versions.get(canonicalize_name(one.name), "0"), prereleases=True)
    }
    assert wrong == set()
    assert {"hatchling", "editables"} <= versions.keys()  # which build the package itself


@pytest.mark.parametrize("name", [*EXTRAS, "models"])
def test_every_package_of_a_lock_has_hashes(name: str) -> None:
    hashed, plain = parted(text_of(name))
    assert hashed
    assert plain == ""


def test_the_locks_agree_on_every_version() -> None:
    seen = [{str(one) for one in locked(extra)} for extra in EXTRAS]
    for smaller, larger in pairwise(seen):
        assert smaller - larger == set()


def test_the_models_of_the_lock_are_those_of_the_constraints() -> None:
    pinned = set(re.findall(r"(?m)^[\w-]+==\S+$", (ROOT / "constraints.txt").read_text("utf-8")))
    assert {str(one) for one in locked("models")} == {text for text in pinned if not text.startswith("torch==")}
