"""Virtual environments with packages of others, in front of the environment that runs the tests."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock

from tests.made.repository import ROOT


def environment(place: Path, packages: Sequence[str], directory: Path = ROOT) -> Path:
    """Make an environment with the packages, unless it is complete already; return its interpreter.

    Its packages come before ours, and pip is called in `directory`. It needs a network connection the first time.
    """
    python, complete = place / "bin/python", place / "complete"
    wanted = "\n".join(packages)
    place.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(place.with_name(f"{place.name}.lock")):
        if complete.exists() and complete.read_text("utf-8") == wanted:
            return python
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
        libraries = next((place / "lib").glob("python*")) / "site-packages"
        behind = [str(ROOT), *(path for path in sys.path if path.endswith("site-packages"))]
        (libraries / "behind.pth").write_text("\n".join(dict.fromkeys(behind)) + "\n", encoding="utf-8")
        words = [word for package in packages for word in package.split()]
        pip = (str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        subprocess.run([*pip, *words], cwd=directory, check=True)
        complete.write_text(wanted, "utf-8")
    return python
