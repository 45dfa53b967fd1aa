"""The source digest of a content is made once; content is always hashed, and a foreign list counts for nothing."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from stackdoc.examples import known_digests, source_digest
from stackdoc.examples.closure import by_byte, by_essence
from stackdoc.examples.known_digests import KnownDigests
from stackdoc.project import DIGESTS

SCRIPT = "# a comment\nprint(1)\n"
OTHER = "# another comment\nprint(1)\n"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The contents of which a source digest was made."""
    contents: list[bytes] = []
    digest_of = source_digest.digest_of

    def noting(content: bytes, suffix: str) -> str:
        contents.append(content)
        return digest_of(content, suffix)

    monkeypatch.setattr(source_digest, "digest_of", noting)
    return contents


def digests(root: Path, *paths: str) -> dict[str, str]:
    """The source digests as a run makes and stores them."""
    known = KnownDigests(root)
    found = dict(by_essence(root, by_byte(root, paths), known))
    known.save()
    return found


def test_a_content_is_parsed_once(tmp_path: Path, made: list[bytes]) -> None:
    (tmp_path / "a.py").write_text(SCRIPT)
    (tmp_path / "copy.py").write_text(SCRIPT)
    (tmp_path / "data.bin").write_bytes(b"\0")
    first = digests(tmp_path, "a.py", "copy.py", "data.bin")
    assert first["a.py"] == first["copy.py"] == hashlib.sha256(b"print(1)").hexdigest()
    assert first["data.bin"] == hashlib.sha256(b"\0").hexdigest()
    assert digests(tmp_path, "a.py", "copy.py", "data.bin") == first
    assert made == [SCRIPT.encode()]


def test_an_edited_script_has_the_digest_of_its_new_content(tmp_path: Path, made: list[bytes]) -> None:
    script = tmp_path / "a.py"
    script.write_text(SCRIPT)
    before = digests(tmp_path, "a.py")
    script.write_text(OTHER)
    assert digests(tmp_path, "a.py") == before
    script.write_text("print(2)\n")
    assert digests(tmp_path, "a.py") == {"a.py": hashlib.sha256(b"print(2)").hexdigest()}
    assert len(made) == 3


def test_a_script_that_is_edited_after_it_was_hashed_is_not_stored(tmp_path: Path) -> None:
    script = tmp_path / "a.py"
    script.write_text(SCRIPT)
    parts = by_byte(tmp_path, ["a.py"])
    script.write_text("print(2)\n")
    known = KnownDigests(tmp_path)
    by_essence(tmp_path, parts, known)
    known.save()
    script.write_text(SCRIPT)
    assert digests(tmp_path, "a.py") == {"a.py": hashlib.sha256(b"print(1)").hexdigest()}


def damaged(root: Path) -> None:
    (root / DIGESTS).write_bytes((root / DIGESTS).read_bytes()[:-5])


def of_other_code(root: Path) -> None:
    content = json.loads((root / DIGESTS).read_text())
    (root / DIGESTS).write_text(json.dumps(content | {"by": "other"}))


def with_other_values(root: Path) -> None:
    content = json.loads((root / DIGESTS).read_text())
    (root / DIGESTS).write_text(json.dumps(content | {"known": dict.fromkeys(content["known"], "x")}))


def a_list(root: Path) -> None:
    (root / DIGESTS).write_text("[]")


@pytest.mark.parametrize("damage", [damaged, of_other_code, with_other_values, a_list])
def test_a_damaged_list_is_made_anew(tmp_path: Path, made: list[bytes], damage: Callable[[Path], None]) -> None:
    (tmp_path / "a.py").write_text(SCRIPT)
    first = digests(tmp_path, "a.py")
    damage(tmp_path)
    assert digests(tmp_path, "a.py") == first
    assert digests(tmp_path, "a.py") == first
    assert len(made) == 2


def test_a_list_that_came_with_the_repository_is_ignored(
    tmp_path: Path, made: list[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a.py").write_text(SCRIPT)
    digests(tmp_path, "a.py")
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    subprocess.run(["git", "-C", tmp_path, "add", "--force", DIGESTS], check=True)
    digests(tmp_path, "a.py")
    assert len(made) == 2
    assert caplog.messages == [
        f"{DIGESTS} is under version control and therefore ignored; remove it from the repository"
    ]


def test_nothing_is_stored_for_a_single_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.py").write_text(SCRIPT)
    monkeypatch.setattr(known_digests, "is_ignored", lambda *_: pytest.fail("asked git"))
    by_essence(tmp_path, by_byte(tmp_path, ["a.py"]))
    assert [path.name for path in tmp_path.iterdir()] == ["a.py"]
