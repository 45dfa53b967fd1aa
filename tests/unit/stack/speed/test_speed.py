"""What stackdoc costs, as the handbook shows it: from the file that the benchmark writes, and without it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stackdoc.errors import StackdocError
from stackdoc.render.fences.block import fence
from stackdoc.stack.speed.speed import FILE
from tests.made import two_machines

REPLAY = {"with_us_seconds": 12.0, "alone_seconds": 10.0, "pages": 100}
SIZE = {
    **{"examples": 50, "records": 250, "planning_s": 1.0, "first_s": 20.0, "again_s": 10.0, "alone_s": 8.0},
    **{"peak_bytes": 300e6, "alone_peak_bytes": 290e6},
}
DOCUMENT = {
    "schema": "stackdoc.speed/2",
    "measured_at": "2026-11-20T10:00:00Z",
    "machine": {"id": "m-1", "cpu": "A <b>CPU</b>", "cores": 4, "memory_gib": 16},
    "versions": {"mkdocs": "1.6.1", "stackdoc": "0.1.0"},
    "examples": 20,
    "costs": [
        {"tool": "mkdocs", "example_s": 0.01, "replay_s": 2.0, "edit_s": 1.0},
        {"tool": "stackdoc", "example_s": 0.8, "replay_s": 3.0, "edit_s": 1.5},
    ],
    "compared": {
        **dict.fromkeys(("handbook", "handbook-edit", "same", "own"), REPLAY),
        "plan": {"with_us_seconds": 0.5, "alone_seconds": 2.0, "pages": 21},
    },
    "growth": [SIZE],
}


def shown(root: Path, part: str, content: str = "") -> str:
    if content:
        (root / "docs/data" / FILE).parent.mkdir(parents=True)
        (root / "docs/data" / FILE).write_text(content)
    return fence(two_machines.site(root), f"speed: {part}", "docs/x.md", 1)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("tools", ("mkdocs 1.6.1", "800 ms", "3.0 s (1.5×)", "1.5 s (1.5×)", "20 examples")),
        ("builds", ("10 s", "12 s (1.2×)", "500 ms (0.25×)")),
        ("growth", ("50 examples, 250 records", "20 s (400 ms each)", "300 MB", "8.0 s (160 ms each)", "290 MB")),
    ],
)
def test_each_part_holds_seconds_and_ratios_with_their_machine_and_day(
    tmp_path: Path, part: str, words: tuple[str, ...]
) -> None:
    found = shown(tmp_path, part, json.dumps(DOCUMENT))
    assert [one for one in words if one not in found] == []
    assert "A &lt;b&gt;CPU&lt;/b&gt; (m-1), 4 cores, 16 GiB, 2026-11-20 UTC." in found


def test_the_load_of_the_machine_is_shown(tmp_path: Path) -> None:
    assert "2026-11-20 UTC, at a load of 3.9." in shown(tmp_path, "tools", json.dumps({**DOCUMENT, "load": 3.9}))


def test_without_the_file_the_page_says_how_to_write_it(tmp_path: Path) -> None:
    assert "Not run yet. Run <code>make bench</code>" in shown(tmp_path, "tools")


@pytest.mark.parametrize("content", ["[]", "{", '{"schema": "other"}', json.dumps({**DOCUMENT, "costs": {}})])
def test_a_file_of_another_form_is_refused_in_words(tmp_path: Path, content: str) -> None:
    with pytest.raises(StackdocError, match="is not of the form"):
        shown(tmp_path, "tools", content)


def test_an_unknown_part_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(StackdocError, match=r"unknown part 'tool'.*tools"):
        shown(tmp_path, "tool")
