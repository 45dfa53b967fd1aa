"""Projects on disk, and the command line run in them."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.made.repository import ROOT

PROJECTS = ROOT / "tests/site/projects"
KEPT = ("figures", "rendered", "twins", "notebook-pages", "conversions", "outputs")  # below `.stackdoc`


@dataclass(frozen=True)
class Project:
    """A project on disk, and the command line run in it."""

    root: Path

    @property
    def site(self) -> Path:
        return self.root / "site"

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs a command of our environment in the project; output is text, nothing is raised."""
        program, *rest = arguments
        return subprocess.run(
            [str(Path(sys.executable).with_name(program)), *rest],
            cwd=self.root,
            env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "SOURCE_DATE_EPOCH": "0", **environment},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def write(self, path: str, text: str) -> None:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")

    def change(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text("utf-8")
        assert old in text
        self.write(path, text.replace(old, new))

    def digest(self, *folders: str) -> str:
        """One digest over names and contents of all files below the folders."""
        found = hashlib.sha256()
        for folder in folders:
            for path in sorted(path for path in (self.root / folder).rglob("*") if path.is_file()):
                found.update(str(path.relative_to(self.root)).encode() + b"\0" + _content(path))
        return found.hexdigest()


def _content(path: Path) -> bytes:
    """The content of a file; of the summaries of records all but when the records' files were read."""
    if path.suffix != ".sqlite":
        return path.read_bytes()
    with closing(sqlite3.connect(path)) as connection:
        queries = ("SELECT path, sha256, head FROM files ORDER BY path", "SELECT * FROM contents ORDER BY sha256")
        return repr([connection.execute(query).fetchall() for query in queries]).encode()
