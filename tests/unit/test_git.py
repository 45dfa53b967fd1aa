"""What came with a repository counts as that, also behind a link."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackdoc.git import tracks
from tests.made.git_repository import committed, git


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with a directory `evil`, and files that it does not have."""
    for path in ("evil/ledger.json", "state/ledger.json", "state/own.json"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("{}")
    (tmp_path / ".gitignore").write_text("own.json\n")
    committed(tmp_path)
    return tmp_path


def test_a_file_or_one_below_a_directory_is_tracked(root: Path) -> None:
    assert tracks(root, Path("state/ledger.json"))
    assert tracks(root, Path("state"))
    assert not tracks(root, Path("state/own.json"))
    assert not tracks(root, Path("state/ledger"))
    assert not tracks(root, Path("stat"))


@pytest.mark.case(75)
def test_what_a_tracked_link_leads_to_is_tracked(root: Path) -> None:
    (root / ".stackdoc").symlink_to("evil")
    assert (root / ".stackdoc/ledger.json").exists()
    assert not tracks(root, Path(".stackdoc/ledger.json"))  # as long as the link is the user's own
    git(root, "add", "--force", ".stackdoc")
    assert tracks(root, Path(".stackdoc/ledger.json"))
    assert tracks(root, Path(".stackdoc/rendered/0123"))
