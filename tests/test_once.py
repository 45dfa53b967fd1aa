"""What is made once for all processes of a session."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests.made.once import Once


def test_it_is_made_once_and_found_by_all(tmp_path: Path) -> None:
    makers: list[int] = []

    def make(place: Path) -> None:
        makers.append(1)
        place.mkdir()
        (place / "file").write_text("made")

    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append((Once(tmp_path).made("it", make) / "file").read_text()))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (makers, found) == ([1], ["made"] * 4)


def test_what_was_half_made_is_made_again(tmp_path: Path) -> None:
    def fail(place: Path) -> None:
        place.mkdir()
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        Once(tmp_path).made("it", fail)
    assert Once(tmp_path).made("it", Path.mkdir).is_dir()
