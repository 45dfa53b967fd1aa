"""The files of an export."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from stackdoc.adapters.registered import load_site
from stackdoc.render.exports import files
from tests.made.project import make_project
from tests.made.repository import ROOT

HOME = "https://handbook.example/ai/"


def test_the_bytes_do_not_depend_on_where_they_are_made(tmp_path: Path) -> None:
    root = make_project(tmp_path)
    code = (
        "import hashlib, sys; from pathlib import Path; from stackdoc.adapters.registered import load_site; "
        "from stackdoc.render.exports import files; "
        "[print(p, hashlib.sha256(c).hexdigest()) for p, c in files(load_site(Path(sys.argv[1])), sys.argv[2]).items()]"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code, str(root), HOME],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C", "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert len(seen) == 1
    assert [line.split()[0] for line in seen.pop().splitlines()] == list(files(load_site(root), HOME))
