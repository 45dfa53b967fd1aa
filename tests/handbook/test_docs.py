"""The text of the repository: its commands exist, its links lead somewhere, it tells nothing private."""

from __future__ import annotations

import platform
import re
import subprocess
from pathlib import Path

import pytest

from stackdoc.machine.backends import DEVICES
from tests.made.repository import ROOT

TEXTS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSES/README.md")
COUNTED = re.compile(
    r"\b(?:\d+|two|three|four|five|six|seven|eight|nine|ten|\w+teen)\s(?:[\w-]+\s){0,2}"
    r"(?:taxonomies|lineages|layer\smodels|planes)\b",
    re.IGNORECASE,
)


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def texts() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".md" and "tests" not in path.relative_to(ROOT).parts]


@pytest.mark.parametrize("name", TEXTS)
def test_make_targets_that_are_named_exist(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", (ROOT / name).read_text("utf-8"), re.MULTILINE))
    assert named <= targets
    if name == "README.md":
        assert {"site", "test"} <= named


def test_stackdoc_commands_that_are_named_exist() -> None:
    commands = {path.stem for path in (ROOT / "stackdoc/adapters/cli").glob("*.py")}
    for path in texts():
        named = set(re.findall(r"(?:^|`)stackdoc ([a-z]+)", path.read_text("utf-8"), re.MULTILINE))
        assert named <= commands, f"{path.relative_to(ROOT)} names {sorted(named - commands)}"


def test_the_guide_names_every_device() -> None:
    rows = [line for line in (ROOT / "docs/guide/author.md").read_text("utf-8").splitlines() if "`cuda`" in line]
    assert rows
    for row in rows:
        assert re.findall(r"`(cpu|cuda|xpu|mps)`", row) == list(DEVICES)


def test_links_between_files_resolve() -> None:
    """Links of files outside the site; those inside are checked by a strict build."""
    outside = [path for path in texts() if path.relative_to(ROOT).parts[0] != "docs"]
    assert outside
    for path in outside:
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text("utf-8")):
            if not re.match(r"[a-z]+:", target):
                assert (path.parent / target).exists(), f"{path.relative_to(ROOT)} links to {target}"


def test_no_text_counts_what_a_further_taxonomy_changes() -> None:
    """Such a number belongs to the data, and whoever adds a source would have to find it."""
    shown = [ROOT / "README.md", ROOT / "mkdocs.yml", *(path for path in texts() if (ROOT / "docs") in path.parents)]
    for path in shown:
        found = COUNTED.search(path.read_text("utf-8"))
        assert found is None, f"{path.relative_to(ROOT)}: {found[0]!r}"


def test_the_page_of_the_project_lists_every_decision_by_its_title() -> None:
    listed = (ROOT / "docs/project/index.md").read_text("utf-8")
    for file in sorted((ROOT / "docs/project/decisions").glob("*.md")):
        title = next(line for line in file.read_text("utf-8").splitlines() if line.startswith("# "))
        assert f"- [{title.removeprefix('# ')}](decisions/{file.name})" in listed


def test_nothing_private_is_tracked() -> None:
    own = [name for name in (str(ROOT), str(Path.home()), platform.node()) if len(name) >= 6]
    known = [r"/root/", r"/home/(?!user\b|somebody\b)[a-z]+", r"BEGIN [A-Z ]*PRIVATE KEY", r"\bghp_\w{20}"]
    private = re.compile("|".join([*known, *map(re.escape, own)]))
    for path in tracked():
        if path.suffix in {".woff2", ".png"} or path == Path(__file__):
            continue
        found = private.search(path.read_text("utf-8", errors="replace"))
        assert found is None, f"{path.relative_to(ROOT)}: {found[0]!r}"


def test_the_pin_of_torch_is_one_the_package_accepts() -> None:
    assert re.match(r"torch==\d+\.\d+\.\d+\n", (ROOT / "constraints.txt").read_text("utf-8"))
    assert '"torch>=2.5"' in (ROOT / "pyproject.toml").read_text("utf-8")


def test_what_make_setup_adds_without_dependencies_is_pinned() -> None:
    added = re.search(r"^MODELS := (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    pinned = set(re.findall(r"^([\w-]+)==[\d.]+$", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE))
    assert added is not None
    assert set(added[1].split()) == pinned - {"torch"}
