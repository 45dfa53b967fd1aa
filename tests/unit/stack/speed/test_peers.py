"""What other galleries publish, beside ours: from the file that the benchmark writes, and without it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stackdoc.errors import StackdocError
from stackdoc.render.fences.block import fence
from stackdoc.stack.speed.peers import FILE
from tests.made import two_machines

OURS = {"low": 0.09, "high": 0.11, "launches": 9, "quality": "quiet"}
DOCUMENT = {
    "schema": "stackdoc.peers/1",
    "measured_at": "2026-11-20T10:00:00Z",
    "machine": {"id": "m-1", "cpu": "A <b>CPU</b>", "microarchitecture": "", "cores": 4, "memory_gib": 16},
    "versions": {"sphinx-gallery": "0.22.1", "sphinx": "9.0.4", "stackdoc": "0.1.0"},
    "work": "three scripts",
    "unit": "s",
    "published": {
        "sphinx-gallery": [{"script": "first", "seconds": 10.257}, {"script": "second", "seconds": 0.47}],
        "stackdoc": [
            {"script": "first", "seconds": 0.1, **OURS},
            {"script": "second", "seconds": 0.1, **OURS, "low": None, "high": None, "quality": "shared"},
        ],
    },
}


def shown(root: Path, content: str = "") -> str:
    if content:
        (root / "docs/data" / FILE).parent.mkdir(parents=True)
        (root / "docs/data" / FILE).write_text(content)
    return fence(two_machines.site(root), "peers:", "docs/x.md", 1)


def test_each_gallery_is_a_column_and_each_script_a_row(tmp_path: Path) -> None:
    found = shown(tmp_path, json.dumps(DOCUMENT))
    for words in ("Sphinx-gallery 0.22.1", "10.257 s", "0.47 s", "9 launches, quiet", "9 launches, shared"):
        assert words in found
    assert "A &lt;b&gt;CPU&lt;/b&gt; (m-1), 4 cores, 16 GiB, 2026-11-20 UTC, with sphinx 9.0.4." in found


def test_without_the_file_the_page_says_how_to_write_it(tmp_path: Path) -> None:
    assert "Not run yet. Run <code>python tests/benchmarks/peers.py docs/data/peers.json</code>" in shown(tmp_path)


@pytest.mark.parametrize("content", ["[]", "{", '{"schema": "other"}', json.dumps({**DOCUMENT, "published": {}})])
def test_a_file_of_another_form_is_refused_in_words(tmp_path: Path, content: str) -> None:
    with pytest.raises(StackdocError, match="is not of the form"):
        shown(tmp_path, content)
