"""`stackdoc build --publish` refuses before it builds anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.made.commands import call


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("", "site_url: is empty or missing"),
        ("site_url: ''\n", "site_url: is empty or missing"),
        ("site_url: stack.example\n", "site_url: 'stack.example' is not a web address"),
        ("site_url: ftp://stack.example/\n", "is not a web address"),
    ],
)
def test_publishing_needs_the_address_of_the_site(tmp_path: Path, setting: str, words: str) -> None:
    (tmp_path / "mkdocs.yml").write_text(f"site_name: A\n{setting}", "utf-8")
    (tmp_path / "docs").mkdir()
    result = call(tmp_path, "build", "--publish")
    assert result.exit_code != 0
    assert words in result.output
    assert "STACKDOC_SITE_URL" in result.output
    assert not (tmp_path / "site").exists()
