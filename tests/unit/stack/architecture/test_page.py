"""The page of the architecture says what the code says, and its every name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stackdoc.errors import StackdocError
from stackdoc.render.fences.block import fence
from stackdoc.stack.architecture.code import modules, summary_of
from tests.made import two_machines
from tests.made.repository import ROOT


def test_every_module_and_room_says_what_it_is_for() -> None:
    assert [module.name for module in modules() if not module.summary] == []


def test_packages_are_those_of_the_contributing_guide() -> None:
    """Its table is read where no site is built."""
    guide = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    table = guide[guide.index("| Package in") :].split("\n\n")[0]
    written = {
        word.split("/")[0] for word in re.findall(r"`(\w+)/`", table.replace("devices/", "").replace("html/", ""))
    }
    folders = {path.parent.name for path in (ROOT / "stackdoc").glob("*/__init__.py")}
    assert folders <= written


def test_the_tables_are_read_from_the_code(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    packages = fence(site, "architecture: packages", "docs/a.md", 1)
    assert packages.count("<tr") - 1 == len({module.package for module in modules() if module.package})
    assert summary_of("stackdoc.run") in packages
    every = fence(site, "architecture: modules", "docs/a.md", 1)
    assert all(module.name in every for module in modules() if module.name.count(".") > 1)


def test_a_list_of_steps_has_the_first_sentence_of_each_step(tmp_path: Path) -> None:
    site = two_machines.site(tmp_path)
    html = fence(site, "architecture: [stackdoc.plan.plan.plan, stackdoc.records]", "docs/a.md", 1)
    assert "Return one decision for each example and device" in html
    assert summary_of("stackdoc.records") in html
    with pytest.raises(StackdocError, match=r"docs/a.md:1.*'stackdoc.plan.plan.plam' is not in the package"):
        fence(site, "architecture: [stackdoc.plan.plan.plam]", "docs/a.md", 1)
    with pytest.raises(StackdocError, match="did you mean 'packages'"):
        fence(site, "architecture: packges", "docs/a.md", 1)
