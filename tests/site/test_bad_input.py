"""What the user gets wrong costs one line each, and neither the last site nor a record."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.made.built import Project

Change = Callable[[Project], None]


def page(body: str) -> Change:
    return lambda project: project.change("docs/index.md", "example: sorting/merge\nfigure: timing\n", body)


BAD: dict[str, tuple[Change, str]] = {
    "unknown key": (
        page("example: sorting/merge\nfigur: timing\n"),
        r"docs/index\.md:\d+: .*figur.*did you mean 'figure'",
    ),
    "unknown directive": (page("exampel: sorting/merge\n"), r"docs/index\.md:\d+: .*exampel.*did you mean 'example'"),
    "unknown example": (
        page("example: sorting/mergee\n"),
        r"docs/index\.md:7: .*sorting/mergee.*did you mean 'sorting/merge'",
    ),
    "unknown figure": (
        page("example: sorting/merge\nfigure: timng\n"),
        r"docs/index\.md:\d+: .*timng.*did you mean 'timing'",
    ),
    "malformed fence": (page("example: [sorting/merge\n"), r"docs/index\.md:\d+: "),
    "duplicate key in a fence": (
        page("example: sorting/merge\nexample: sorting/merge\n"),
        r"docs/index\.md:8: .*example",
    ),
    "unknown example in a role": (
        lambda project: project.change(
            "docs/index.md", "takes {measured}`sorting/merge", "takes {measured}`sorting/marge"
        ),
        r"docs/index\.md:11: .*sorting/marge.*did you mean 'sorting/merge'",
    ),
    "unknown quantity in a role": (
        lambda project: project.change(
            "docs/index.md",
            "takes {measured}`sorting/merge sorted n=1000 time",
            "takes {measured}`sorting/merge sorted n=1000 tim",
        ),
        r"docs/index\.md:11: .*tim.*time",
    ),
    "unknown key of an example": (
        lambda project: project.change("examples/sorting/merge.py", "# launches", "# lunches"),
        r"examples/sorting/merge\.py:\d+: .*lunches.*did you mean 'launches'",
    ),
    "malformed header of an example": (
        lambda project: project.change("examples/sorting/merge.py", '# layer = "sorting"', "# layer = sorting"),
        r"examples/sorting/merge\.py:\d+: ",
    ),
    "malformed YAML": (
        lambda project: project.write("docs/data/redirects.yml", "- old: /a/\n  new: [1\n"),
        r"docs/data/redirects\.yml:\d+: ",
    ),
    "duplicate key": (
        lambda project: project.write("docs/data/redirects.yml", "- old: /a/\n  old: /b/\n"),
        r"docs/data/redirects\.yml:2: .*old",
    ),
    "unknown key in data": (
        lambda project: project.write("docs/data/redirects.yml", "- old: /a/\n  new: /b/\n  nwe: x\n"),
        r"docs/data/redirects\.yml:\d+: .*nwe.*did you mean 'new'",
    ),
}


@pytest.mark.parametrize("program", [("stackdoc", "build"), ("mkdocs", "build")], ids=" ".join)
@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_and_changes_nothing(project: Project, name: str, program: tuple[str, ...]) -> None:
    change, expected = BAD[name]
    change(project)
    before = project.digest("site", "docs/records", ".stackdoc")
    ended = project.run(*program)
    told = [line for line in ended.stderr.splitlines() if re.search(expected, line)]
    assert ended.returncode == 1
    assert len(told) == 1, ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout
    assert project.digest("site", "docs/records", ".stackdoc") == before


@pytest.mark.case(40)
def test_all_problems_are_told_at_once(project: Project) -> None:
    project.write("docs/other.md", "# Other\n\n{measured}`sorting/marge sorted n=1000 time`\n")
    project.write("docs/third.md", "# Third\n\n```stackdoc\nexampel: sorting/merge\n```\n")
    project.write("docs/data/redirects.yml", "- old: /a/\n  old: /b/\n")
    project.change("examples/sorting/merge.py", "# launches", "# lunches")
    ended = project.run("stackdoc", "build")
    assert ended.returncode == 1
    assert "docs/data/redirects.yml:2" in ended.stderr
    assert "examples/sorting/merge.py:" in ended.stderr
    project.write("docs/data/redirects.yml", "[]\n")
    project.change("examples/sorting/merge.py", "# lunches", "# launches")
    ended = project.run("stackdoc", "build")
    assert ended.returncode == 1
    assert "docs/other.md:3: " in ended.stderr
    assert "docs/third.md:4: " in ended.stderr


def test_a_link_out_of_the_sources_is_not_published(project: Project) -> None:
    (project.root / "docs/leak.txt").symlink_to("/etc/hostname")
    ended = project.run("stackdoc", "build")
    assert ended.returncode == 1
    assert "docs/leak.txt" in ended.stderr
    assert not (project.site / "leak.txt").exists()


def test_without_a_configuration_it_says_so(project: Project) -> None:
    (project.root / "mkdocs.yml").unlink()
    ended = project.run("stackdoc", "--root", ".", "build")
    assert ended.returncode == 1
    assert "no mkdocs.yml" in ended.stderr
