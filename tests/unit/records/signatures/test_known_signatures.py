"""A build checks each signature once; a command that verifies checks it each time."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from stackdoc.plan.project import read_project
from stackdoc.project import SIGNATURES, Layout
from stackdoc.records import store
from stackdoc.records.signatures import signature
from stackdoc.records.vouched import vouch
from tests.made.keys import allowing, made_key, needs_ssh_keygen
from tests.made.records import made_record

pytestmark = needs_ssh_keygen
RECORD = made_record()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What ssh-keygen is asked to do from here on."""
    asked, run = [], signature._run

    def noted(folder: str, words: tuple[str, ...], content: bytes | None = b"") -> subprocess.CompletedProcess[bytes]:
        asked.append(words[1])
        return run(folder, words, content)

    monkeypatch.setattr(signature, "_run", noted)
    return asked


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project whose list of vouched records is signed by Alice, whose key is allowed."""
    root, key = tmp_path / "project", made_key(tmp_path / "keys")
    layout = Layout(root)
    store.write(layout, RECORD)
    vouch(layout, [RECORD], key)
    (root / layout.allowed_signers).write_bytes(allowing(key))
    return root


def state(root: Path, *, is_build: bool = True) -> str:
    return read_project(Layout(root), summarised=is_build).signatures[RECORD.id].state


def test_a_build_asks_once_and_a_check_each_time(root: Path, asked: list[str]) -> None:
    assert [state(root), state(root)] == ["signed by a known key"] * 2
    assert asked == ["find-principals", "verify"]
    assert state(root, is_build=False) == "signed by a known key"
    assert len(asked) == 4


def test_another_list_and_other_allowed_signers_are_checked(root: Path, asked: list[str]) -> None:
    assert state(root) == "signed by a known key"
    layout, other = Layout(root), made_key(root.parent / "keys", "mallory")
    (root / layout.allowed_signers).write_bytes(allowing(other))
    assert state(root) == "signed by an unknown key"
    (root / layout.vouched).write_bytes((root / layout.vouched).read_bytes() + b"# more\n")
    assert state(root) == "signature broken"
    assert len(asked) > 4


def test_what_was_not_checked_is_not_remembered(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as without:
        without.setenv("PATH", "/nowhere")
        assert state(root) == "signature not checked"
    assert state(root) == "signed by a known key"
    monkeypatch.setenv("PATH", "/nowhere")
    assert state(root) == "signature not checked"


def cut_short(content: str) -> str:
    return content[:-5]


def of_another_state(content: str) -> str:
    return json.dumps({key: {**value, "state": "signed by the king"} for key, value in json.loads(content).items()})


def a_list(_: str) -> str:
    return "[]"


@pytest.mark.parametrize("damage", [cut_short, of_another_state, a_list])
def test_a_damaged_file_counts_for_nothing(root: Path, asked: list[str], damage: Callable[[str], str]) -> None:
    state(root)
    (root / SIGNATURES).write_text(damage((root / SIGNATURES).read_text("utf-8")), "utf-8")
    assert state(root) == "signed by a known key"
    assert len(asked) == 4


@pytest.mark.case(75)
def test_a_file_that_came_with_the_repository_is_ignored(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    (root / Layout(root).allowed_signers).write_bytes(b"")
    assert state(root) == "signed by an unknown key"
    known = json.loads((root / SIGNATURES).read_text("utf-8"))
    forged = {key: {**value, "state": "signed by a known key", "signer": "alice"} for key, value in known.items()}
    (root / SIGNATURES).write_text(json.dumps(forged), "utf-8")
    subprocess.run(["git", "init", "--quiet", root], check=True)
    subprocess.run(["git", "-C", root, "add", "--force", SIGNATURES], check=True)
    assert state(root) == "signed by an unknown key"
    assert f"{SIGNATURES} is under version control and therefore ignored" in caplog.text
