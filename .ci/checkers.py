"""Checkers of other people, taken by name from npm into a cache outside of the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "stackdoc-checkers"


def needed(*programs: str) -> None:
    """Ends, and says how to get them, where a program is missing."""
    missing = [program for program in programs if not shutil.which(program)]
    if missing:
        sys.exit(f"missing: {', '.join(missing)}; on Debian: apt install nodejs npm default-jre-headless chromium")


def package(name: str, version: str) -> Path:
    """The directory of an npm package of that version, installed once."""
    place = CACHE / f"{name}-{version}"
    if not (place / "node_modules" / name).exists():
        place.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(place), f"{name}@{version}"]
        if subprocess.run(command, check=False).returncode:
            sys.exit(f"npm could not install {name}@{version}")
    return place / "node_modules" / name
