"""What a page may contain that Markdown would publish as raw text, hang on or not get through."""

from __future__ import annotations

from pathlib import Path

import markdown
import pytest

from stackdoc.adapters.prechecking import check_pages
from stackdoc.adapters.registered import load_site
from stackdoc.errors import StackdocError

FENCE = "```stackdoc\nexample: sorting/merge\n```"


def problems(root: Path, page: str | bytes) -> list[str]:
    (root / "docs").mkdir()
    (root / "docs/page.md").write_bytes(page if isinstance(page, bytes) else page.encode())
    (root / "mkdocs.yml").write_text("site_name: Ours\n", "utf-8")
    try:
        check_pages(load_site(root), root / "docs")
    except StackdocError as error:
        return [str(problem) for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        ("one\n\n```stackdoc\nexample: a/b\n\ntext\n", "docs/page.md:3: the fence is never closed by ```"),
        ("~~~~ stackdoc\nexample: a/b\n~~~\n", "docs/page.md:1: the fence is never closed by ~~~~"),
        ("one\n\n> ```stackdoc\n> code: a/b\n> ```\n", "docs/page.md:3: a fence can't be in a block quote"),
        ("- > > ```stackdoc\n  > > code: a/b\n", "docs/page.md:1: a fence can't be in a block quote"),
        ("stackdoc\n\n" + "`" * 100_000, "docs/page.md:3: has 1000 backticks in a row or more"),
        ("one\n\n" + "[" * 100_000, "docs/page.md:3: has a paragraph with more than 1000 `[` that nothing closes"),
        ("] " * 3000 + "[a" * 1001, "docs/page.md:1: has a paragraph with more than 1000 `[` that nothing closes"),
        ("stackdoc \u00e9\n".encode("latin-1"), "docs/page.md: byte 0xe9 is not UTF-8; save it as UTF-8"),
    ],
)
@pytest.mark.case(77)
@pytest.mark.case(88)
def test_a_page_that_markdown_would_not_read_as_it_is_meant_is_refused(
    tmp_path: Path, page: str | bytes, problem: str
) -> None:
    assert problems(tmp_path, page) == [problem]


@pytest.mark.parametrize(
    "page",
    [
        "[a](b.md)" * 2000 + "\n\n" + "[" * 900 + "\n\n" + "[" * 900,
        "````\n> ```stackdoc\n> code: a/b\n> ```\n````\n",
        "````\n```stackdoc\ncode: a/b\n````\n",
        "<!--\n> ```stackdoc\n-->\n",
        "> ```python\n> stackdoc\n> ```\n",
    ],
)
def test_a_quoted_fence_is_text(tmp_path: Path, page: str) -> None:
    assert problems(tmp_path, page) == []


@pytest.mark.parametrize("between", ["\n", "\n  ", "  \n"])
@pytest.mark.case(77)
def test_a_role_over_two_lines_is_named_by_the_line_on_which_it_begins(tmp_path: Path, between: str) -> None:
    (found,) = problems(tmp_path, f"one\n\ntwo\nthree {{measured}}`sorting/marge{between}sorted time`\n")
    assert found.startswith("docs/page.md:4: ")


@pytest.mark.case(77)
def test_a_page_nested_beyond_what_markdown_can_follow_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def convert(*_: object) -> str:
        raise RecursionError

    monkeypatch.setattr(markdown.Markdown, "convert", convert)
    (found,) = problems(tmp_path, f"{FENCE}\n")
    assert found == "docs/page.md: lists or quotes are nested too deeply for Markdown"
